// SPDX-License-Identifier: MPL-2.0

package cinder_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cinder"
)

type anyone struct{}

func (anyone) Authenticate(context.Context, string) (*api.Identity, error) {
	return &api.Identity{ProjectID: "p"}, nil
}

func TestOnlyVersions(t *testing.T) {
	t.Parallel()
	h := cinder.New(cinder.Options{Auth: anyone{}})
	for request, want := range map[string]int{
		"/volume": 300, "/volume/": 300, "/volume/v3/": 200, "/volume/v3/volumes": 404, "/volume/v3/p/volumes": 404,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "http://cloud"+request, nil)
		r.Header.Set("X-Auth-Token", "t")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || want != 404 && !strings.Contains(w.Body.String(), `"href":"http://cloud/volume/v3/"`) {
			t.Errorf("%s: %d %s", request, w.Code, w.Body)
		}
	}
}
