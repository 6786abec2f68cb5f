// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// The image that a shelved server is kept as goes with the server; such images filled the first page of every
// list of images.
func TestShelvedImageGoesWithServer(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	owner := login(t, cloud, "demo")
	id := owner.create(`{"server": {"name": "s", "imageRef": "` + owner.image() + `", "flavorRef": "42", "networks": "auto"}}`)
	if status := owner.settled(id); status != "ACTIVE" {
		t.Fatalf("the server is %s", status)
	}
	images := func() int {
		_, answer := owner.ask(http.MethodGet, "/image/v2/images?name=s-shelved", "")
		found, _ := answer["images"].([]any)
		return len(found)
	}
	server := "/compute/v2.1/servers/" + id
	owner.ask(http.MethodPost, server+"/action", `{"shelve": null}`)
	if err := cloud.Compute.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := images(); got != 1 {
		t.Fatalf("the shelved server is %d images", got)
	}
	owner.ask(http.MethodDelete, server, "")
	if err := cloud.Compute.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := images(); got != 0 {
		t.Errorf("%d images are left of the shelved server", got)
	}
}
