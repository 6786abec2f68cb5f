// SPDX-License-Identifier: MPL-2.0

package keystone_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/sqlite"
)

// BenchmarkNew is what Keystone adds to the start of a fresh cloud.
func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := keystone.New(b.Context(), keystone.Options{Store: memory.New(), Clock: clock.Wall()}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkToken measures a login and what Keystone adds to every request of every service.
func BenchmarkToken(b *testing.B) {
	file, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "state.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	for name, s := range map[string]store.Store{"memory": memory.New(), "sqlite": file} {
		k, err := keystone.New(b.Context(), keystone.Options{Store: s, Clock: clock.Wall()})
		if err != nil {
			b.Fatal(err)
		}
		handler := k.Handler()
		login := func() string {
			r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/identity/v3/auth/tokens",
				strings.NewReader(passwordBody("admin", k.Password("admin"), onAdmin)))
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			return w.Header().Get("X-Subject-Token")
		}
		token := login()
		b.Run("login/"+name, func(b *testing.B) {
			for b.Loop() {
				login()
			}
		})
		b.Run("authenticate/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Authenticate(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
