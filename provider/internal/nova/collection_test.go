// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// serve is a service that gives these answers by the query of a request, ADDRESS in them being its own.
func serve(t *testing.T, answers map[string]string) (*gophercloud.ServiceClient, string) {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, strings.ReplaceAll(answers[r.URL.RawQuery], "ADDRESS", server.URL))
	}))
	t.Cleanup(server.Close)
	return &gophercloud.ServiceClient{ProviderClient: &gophercloud.ProviderClient{}, Endpoint: server.URL + "/"}, server.URL + "/"
}

func TestCollection(t *testing.T) {
	t.Parallel()
	service, address := serve(t, map[string]string{
		"host=h":          `{"things": [{"id": 1}, {"id": 2}], "things_links": [{"rel": "next", "href": "ADDRESS/?host=h&marker=2"}]}`,
		"host=h&marker=2": `{"things": [{"id": 3}], "things_links": [{"rel": "previous", "href": "ADDRESS/?host=h"}]}`,
	})
	all, err := nova.Collection(t.Context(), service, address, "things", url.Values{"host": {"h"}})
	if err != nil || fmt.Sprint(all) != "[map[id:1] map[id:2] map[id:3]]" {
		t.Errorf("%v, %v", all, err)
	}
}

// TestPages: each page is a part of one object.
func TestPages(t *testing.T) {
	t.Parallel()
	service, address := serve(t, map[string]string{
		"":         `{"usage": {"hours": 1.5}, "usage_links": [{"rel": "next", "href": "ADDRESS/?marker=a"}]}`,
		"marker=a": `{"usage": {}}`,
	})
	parts, err := nova.Pages(t.Context(), service, address, "usage", nil)
	if err != nil || fmt.Sprint(parts) != "[map[hours:1.5] map[]]" {
		t.Errorf("%v, %v", parts, err)
	}
}

// TestOddAnswers: what cannot be is an error, and ends.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"things": [], "things_links": [{"rel": "next", "href": "ADDRESS/"}]}`: "in a circle",
		`{"things": {"id": 1}}`: "unexpected kind",
		`{"things": [1]}`:       "unexpected kind",
		`[]`:                    "cannot unmarshal",
	} {
		service, address := serve(t, map[string]string{"": answer})
		if all, err := nova.Collection(t.Context(), service, address, "things", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", answer, all, err)
		}
	}
	service, address := serve(t, map[string]string{"": `{"thing": null}`})
	if _, err := nova.Object(t.Context(), service, address, "thing", nil); err == nil || !strings.Contains(err.Error(), "holds no thing") {
		t.Error(err)
	}
}
