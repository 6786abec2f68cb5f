// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// A rebuild that ends between connecting a volume and saying so leaves the server in ERROR and the volume "attaching".
// The hard reboot that brought the server back left the volume so for ever.
func TestHardRebootConnectsVolumesOfFailedServer(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	admin := login(t, cloud, "admin")
	id := admin.create(`{"server": {"name": "s", "imageRef": "` + admin.image() + `", "flavorRef": "42", "networks": "auto"}}`)
	if status := admin.settled(id); status != "ACTIVE" {
		t.Fatalf("the server is %s", status)
	}
	_, made := admin.ask(http.MethodPost, "/volume/v3/volumes", `{"volume": {"size": 1}}`)
	volume, _ := made["volume"].(map[string]any)["id"].(string)
	settle := func() {
		t.Helper()
		if err := cloud.Compute.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	status := func() any {
		_, answer := admin.ask(http.MethodGet, "/volume/v3/volumes/"+volume, "")
		return answer["volume"].(map[string]any)["status"]
	}
	server := "/compute/v2.1/servers/" + id
	admin.ask(http.MethodPost, server+"/os-volume_attachments", `{"volumeAttachment": {"volumeId": "`+volume+`"}}`)
	settle()
	if got := status(); got != "in-use" {
		t.Fatalf("the volume is %s", got)
	}

	_, answer := admin.ask(http.MethodGet, "/volume/v3/attachments", "")
	attachment, _ := answer["attachments"].([]any)[0].(map[string]any)["id"].(string)
	admin.ask(http.MethodPut, "/volume/v3/attachments/"+attachment, `{"attachment": {"connector": {"host": "compute-1"}}}`)
	admin.ask(http.MethodPost, server+"/action", `{"os-resetState": {"state": "error"}}`)
	if got := status(); got != "attaching" {
		t.Fatalf("the volume is %s after its host was told again", got)
	}
	admin.ask(http.MethodPost, server+"/action", `{"reboot": {"type": "HARD"}}`)
	settle()
	if server, volume := admin.settled(id), status(); server != "ACTIVE" || volume != "in-use" {
		t.Errorf("after a hard reboot the server is %s and its volume %s", server, volume)
	}
}
