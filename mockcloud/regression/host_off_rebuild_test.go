// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"net/http"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// What is asked of a server whose host is shut down ends in ERROR and touches nothing. A rebuild connected the volumes anew
// before it noticed, which were "attaching" from then on.
func TestVolumesOfHostThatIsShutDown(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	admin := login(t, cloud, "admin")
	image := admin.image()
	id := admin.create(`{"server": {"name": "s", "imageRef": "` + image + `", "flavorRef": "42", "networks": "auto"}}`)
	server := "/compute/v2.1/servers/" + id
	settle := func() {
		t.Helper()
		if err := cloud.Compute.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	settle()
	_, made := admin.ask(http.MethodPost, "/volume/v3/volumes", `{"volume": {"size": 1}}`)
	volume, _ := made["volume"].(map[string]any)["id"].(string)
	admin.ask(http.MethodPost, server+"/os-volume_attachments", `{"volumeAttachment": {"volumeId": "`+volume+`"}}`)
	settle()
	want := func(after, status string) {
		t.Helper()
		settle()
		_, shown := admin.ask(http.MethodGet, "/volume/v3/volumes/"+volume, "")
		if got, volume := admin.settled(id), shown["volume"].(map[string]any)["status"]; got != status || volume != "in-use" {
			t.Errorf("after %s the server is %s, want %s, and its volume %s", after, got, status, volume)
		}
	}
	_, shown := admin.ask(http.MethodGet, server, "")
	host, _ := shown["server"].(map[string]any)["OS-EXT-SRV-ATTR:host"].(string)
	for _, action := range []string{`{"reboot": {"type": "HARD"}}`, `{"rescue": {}}`, `{"rebuild": {"imageRef": "` + image + `"}}`} {
		want("its start", "ACTIVE")
		if err := cloud.Compute.PowerHost(t.Context(), host, "shutdown"); err != nil {
			t.Fatal(err)
		}
		for deadline := time.After(time.Minute); admin.settled(id) != "SHUTOFF"; { // of which the host tells by and by
			select {
			case <-deadline:
				t.Fatal("the server is not off")
			case <-time.After(time.Millisecond):
			}
		}
		settle()
		admin.ask(http.MethodPost, server+"/action", action)
		want(action, "ERROR")
		if err := cloud.Compute.PowerHost(t.Context(), host, "startup"); err != nil {
			t.Fatal(err)
		}
		settle()
		admin.ask(http.MethodPost, server+"/action", `{"reboot": {"type": "HARD"}}`)
	}
	want("its host's start", "ACTIVE")
}
