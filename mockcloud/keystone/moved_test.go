// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
)

// What is elsewhere from a start on is listed there, and all else where it was.
func TestMoved(t *testing.T) {
	t.Parallel()
	c := start(t)
	const short, long = "/compute/v2.1", "/compute/v2.1/$(project_id)s"
	lists := func(path string, want bool) {
		t.Helper()
		if a := c.ask(http.StatusOK, "GET /endpoints", ""); strings.Count(a.text, path+`"`) != map[bool]int{true: 3}[want] || !strings.Contains(a.text, `/image"`) {
			t.Errorf("%s is there, want %t: %s", path, want, a.text)
		}
	}
	lists(short, true)
	for _, move := range [][2]string{{short, long}, {short, long}, {long, short}} {
		again, err := keystone.New(t.Context(), keystone.Options{Store: c.store, Clock: c.clock, Moved: map[string]string{move[0]: move[1]}})
		if err != nil {
			t.Fatal(err)
		}
		server := httptest.NewServer(again.Handler())
		t.Cleanup(server.Close)
		c.url = server.URL + "/identity/v3"
		lists(move[0], false)
		lists(move[1], true)
	}
}
