// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Guests find the cloud's vendor data, which has to be an object.
func TestVendorData(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vendor.json")
	for content, want := range map[string]string{`{"cloud-init": "#cloud-config"}`: `{"cloud-init": "#cloud-config"}`, `{}`: `{}`, `[]`: "", `null`: "", `{`: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readVendorData(path)
		if string(got) != want || (err == nil) != (want != "") {
			t.Errorf("%s: %s, %v", content, got, err)
		}
	}
	if got, err := readVendorData(""); got != nil || err != nil {
		t.Errorf("none: %s, %v", got, err)
	}
	if _, err := New(t.Context(), Options{VendorDataFile: path + ".missing"}); err == nil {
		t.Error("a file that is missing was taken")
	}
}

// What a guest posts as its password is kept once, until it is cleared.
func TestGuestPostsPassword(t *testing.T) {
	t.Parallel()
	cloud, err := New(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	flavor := compute.Flavor{ID: "1", Name: "m1.tiny", VCPUs: 1, MemoryMiB: 64, RootGiB: 1, Public: true}
	images, err := cloud.Glance.Find(t.Context(), glanceCaller(compute.Caller{Admin: true}), nil)
	if err != nil || len(images) == 0 {
		t.Fatal(images, err)
	}
	made, err := cloud.Compute.Create(t.Context(), compute.Caller{ProjectID: "p", UserID: "u"}, compute.CreateRequest{
		Name: "guest", ImageID: images[0].ID, Flavor: flavor, Networks: []compute.RequestedNetwork{{None: true}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := cloud.Compute.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	id := made[0].ID
	ask := func(method, body string, status int, want string) {
		t.Helper()
		answer := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), method, "/openstack/latest/password", strings.NewReader(body))
		cloud.metadata(id).ServeHTTP(answer, request)
		if answer.Code != status || want != "" && answer.Body.String() != want {
			t.Errorf("%s %q: %d %q, want %d %q", method, body, answer.Code, answer.Body, status, want)
		}
	}
	ask(http.MethodPost, "c2VjcmV0", http.StatusOK, "")
	ask(http.MethodGet, "", http.StatusOK, "c2VjcmV0")
	ask(http.MethodPost, "b3RoZXI=", http.StatusConflict, "")
	if inst, err := cloud.Compute.Get(t.Context(), id); err != nil || inst.EncryptedPassword != "c2VjcmV0" {
		t.Errorf("%+v, %v", inst, err)
	}
	if err := cloud.Compute.ClearPassword(t.Context(), id); err != nil {
		t.Error(err)
	}
	ask(http.MethodPost, "b3RoZXI=", http.StatusOK, "")
}
