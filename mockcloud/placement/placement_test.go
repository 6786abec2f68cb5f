// SPDX-License-Identifier: MPL-2.0

package placement_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/placement"
)

type anyone struct{}

func (anyone) Authenticate(context.Context, string) (*api.Identity, error) {
	return &api.Identity{ProjectID: "p"}, nil
}

func TestOnlyVersions(t *testing.T) {
	t.Parallel()
	h := placement.New(placement.Options{Auth: anyone{}})
	for request, want := range map[string]int{
		"/placement": 200, "/placement/": 200, "/placement/resource_providers": 404,
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "http://cloud"+request, nil)
		r.Header.Set("X-Auth-Token", "t")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != want || want != 404 && !strings.Contains(w.Body.String(), `"max_version":"1.0"`) {
			t.Errorf("%s: %d %s", request, w.Code, w.Body)
		}
	}
}
