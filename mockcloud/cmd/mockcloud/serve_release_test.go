// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// One cloud can be served as of one release after the other.
func TestServeRelease(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	refused(t, dir, `--release: there is no release "juno" of Nova with microversions: it is one of kilo, liberty, `, "serve", "--release", "juno")
	for _, of := range []struct{ newest, release string }{{"2.79", "--release=train"}, {"2.95", "--release=Antelope"}, {"2.104", "--release="}} {
		s := serve(t, dir, of.release)
		base := strings.TrimSuffix(value(s.environment(t, "demo"), "OS_AUTH_URL"), "/identity/v3")
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/compute/", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ Versions []struct{ Version string } }
		if err := json.NewDecoder(response.Body).Decode(&document); err != nil {
			t.Error(err)
		}
		_ = response.Body.Close()
		if len(document.Versions) != 2 || document.Versions[1].Version != of.newest {
			t.Errorf("%s: %v, want %s", of.release, document, of.newest)
		}
		s.end(t)
	}
}
