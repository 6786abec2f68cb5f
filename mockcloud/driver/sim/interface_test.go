// SPDX-License-Identifier: MPL-2.0

package sim_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// What is attached to a running machine is there at its next boot; what is detached is not.
func TestInterfaces(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d, err := sim.New(sim.Options{Clock: clock.Wall()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.AttachInterface(ctx, "m", driver.NIC{PortID: "p"}); !errors.Is(err, driver.ErrNotFound) {
		t.Errorf("attached to no machine: %v", err)
	}
	if err := d.Spawn(ctx, &driver.Machine{ID: "m", Name: "m", VCPUs: 1, MemoryMiB: 64}); err != nil {
		t.Fatal(err)
	}
	nics := func() int {
		if err := d.Reboot(ctx, "m", false, 0); err != nil {
			t.Fatal(err)
		}
		log, err := d.ConsoleOutput(ctx, "m", -1)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(log[strings.LastIndex(log, "Linux version"):], "virtio_net")
	}
	for _, port := range []string{"a", "b", "a"} { // twice is once
		if err := d.AttachInterface(ctx, "m", driver.NIC{PortID: port, MAC: "fa:16:3e:00:00:01"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := nics(); n != 2 {
		t.Errorf("%d NICs, want 2", n)
	}
	if err := d.DetachInterface(ctx, "m", "a"); err != nil {
		t.Fatal(err)
	}
	if err := d.DetachInterface(ctx, "m", "a"); !errors.Is(err, driver.ErrNoDevice) {
		t.Errorf("detached twice: %v", err)
	}
	if n := nics(); n != 1 {
		t.Errorf("%d NICs, want 1", n)
	}
}
