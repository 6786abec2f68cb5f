// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// FuzzRoutes asks a whole cloud for anything, as an administrator: no answer is a 500, and none breaks off. It begins
// with the steps of the walks.
func FuzzRoutes(f *testing.F) {
	contract := readContract(f)
	cloud := cloudtest.Start(f)
	admin := login(f, cloud.URL, cloud.Password("admin"))
	admin.version = 1
	network := first(admin.ask(http.MethodGet, "/network/v2.0/networks?name=private", nil), "networks")
	image := text(first(admin.ask(http.MethodGet, "/image/v2/images", nil), "images"), "id")
	made := admin.nova(http.MethodPost, "/servers", object{"server": object{
		"name": "one", "imageRef": image, "flavorRef": "42", "networks": []object{{"uuid": network["id"]}},
	}})
	w := &walker{session: admin, contract: contract, vars: map[string]string{
		"server": text(child(made, "server"), "id"), "image": image, "flavor": "42", "bigger": "84", "network": text(network, "id"),
		"project": admin.project, "user": admin.user, "host": "compute-1", "n": "1", "key": publicKey,
	}}
	for _, walk := range walks() {
		for i, s := range walk.steps {
			method, path, body := w.request(s)
			f.Add(method, path, body, uint8(1+(i*31)%110))
		}
	}
	handler := cloud.Handler()
	f.Fuzz(func(t *testing.T, method, path string, body []byte, version uint8) {
		at, err := url.ParseRequestURI(path)
		if err != nil || method == "" {
			return
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second) // some answers are followed until the client goes
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, method, "http://cloud.test", bytes.NewReader(body))
		if err != nil {
			return
		}
		at.Scheme, at.Host = "", ""
		r.URL = at
		r.Header.Set("X-Auth-Token", admin.token)
		r.Header.Set("OpenStack-API-Version", fmt.Sprintf("compute 2.%d", version))
		answer := httptest.NewRecorder()
		defer func() {
			if cause := recover(); cause != nil && cause != http.ErrAbortHandler { //nolint:errorlint // net/http compares it so
				panic(cause)
			}
		}()
		handler.ServeHTTP(answer, r)
		switch answer.Code {
		case http.StatusInternalServerError, http.StatusBadGateway:
			t.Errorf("%s %s %s at 2.%d: %d %s", method, path, body, version, answer.Code, answer.Body)
		}
	})
}
