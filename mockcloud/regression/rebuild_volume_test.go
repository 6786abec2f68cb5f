// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// once is a host that makes machines, and makes none anew.
type once struct{ *sim.Driver }

func (once) Rebuild(context.Context, *driver.Machine, bool) error {
	return errors.New("the host is out of order")
}

// A rebuild that failed at the host left the server's volumes "attaching" until a hard reboot.
func TestFailedRebuildKeepsVolumes(t *testing.T) {
	t.Parallel()
	simulated, err := sim.New(sim.Options{Clock: clock.Wall()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = simulated.Close() })
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
		spec := mockcloud.SimulatedHost("only", simulated)
		spec.Driver = once{simulated}
		o.Hosts = append(o.Hosts, spec)
	}))
	admin := login(t, cloud, "admin")
	image := admin.image()
	id := admin.create(`{"server": {"name": "s", "imageRef": "` + image + `", "flavorRef": "42", "networks": "auto"}}`)
	server := "/compute/v2.1/servers/" + id
	want := func(after, status string) {
		t.Helper()
		if err := cloud.Compute.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := admin.settled(id); got != status {
			t.Fatalf("after %s the server is %s, want %s", after, got, status)
		}
	}
	want("its build", "ACTIVE")
	_, made := admin.ask(http.MethodPost, "/volume/v3/volumes", `{"volume": {"size": 1}}`)
	volume, _ := made["volume"].(map[string]any)["id"].(string)
	admin.ask(http.MethodPost, server+"/os-volume_attachments", `{"volumeAttachment": {"volumeId": "`+volume+`"}}`)
	want("an attachment", "ACTIVE")
	admin.ask(http.MethodPost, server+"/action", `{"rebuild": {"imageRef": "`+image+`"}}`)
	want("a rebuild", "ERROR")
	_, shown := admin.ask(http.MethodGet, "/volume/v3/volumes/"+volume, "")
	if got := shown["volume"].(map[string]any)["status"]; got != "in-use" {
		t.Errorf("the volume is %s", got)
	}
}
