// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// What is on the screen of another project's server is nobody's business, nor is that there is such a server: the
// answer is that of an id that is nobody's.
func TestScreenshotOfAnother(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	owner, other := login(t, cloud, "admin"), login(t, cloud, "demo")
	id := owner.create(`{"server": {"name": "s", "imageRef": "` + owner.image() + `", "flavorRef": "42", "networks": "none"}}`)
	if status := owner.settled(id); status != "ACTIVE" {
		t.Fatalf("the server is %s", status)
	}
	shot := func(id string, by *client) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, cloud.URL+"/mock/v1/servers/"+id+"/screenshot", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Auth-Token", by.token)
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(said)
	}
	const nobodys = "00000000-0000-4000-8000-000000000000"
	_, unknown := shot(nobodys, other)
	if status, said := shot(id, other); status != http.StatusNotFound || said != strings.ReplaceAll(unknown, nobodys, id) {
		t.Errorf("another's: %d %.100q, and of no server %q", status, said, unknown)
	}
	if status, said := shot(id, owner); status != http.StatusOK || !strings.HasPrefix(said, "\x89PNG") {
		t.Errorf("the owner's: %d %.100q", status, said)
	}
}
