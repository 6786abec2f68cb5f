// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// lastEvent is the newest action of an instance, with its only event.
func (c *cloud) lastEvent(tb testing.TB, id string) (string, compute.InstanceEvent) {
	tb.Helper()
	actions, err := c.InstanceActions(tb.Context(), id)
	if err != nil || len(actions) == 0 || len(actions[0].Events) != 1 {
		tb.Fatalf("actions %v, %v", actions, err)
	}
	return actions[0].Action, actions[0].Events[0]
}

func TestInterfaces(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var told []string
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Notify = func(n compute.Notification) {
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(n.Event, "interface") {
				told = append(told, n.Event)
			}
		}
	})
	for _, stopped := range []bool{false, true} {
		inst := c.active(t)
		if stopped {
			if err := c.Stop(t.Context(), user, inst.ID); err != nil {
				t.Fatal(err)
			}
			c.settle(t)
		}
		vif, err := c.AttachInterface(t.Context(), user, inst.ID, compute.RequestedNetwork{NetworkID: "other", Tag: "nic"})
		if err != nil {
			t.Fatal(err)
		}
		c.clean(t)
		inst = c.get(t, inst.ID)
		if len(inst.VIFs) != 2 || inst.VIFs[1].PortID != vif.PortID || inst.VIFs[1].Tag != "nic" || inst.TaskState != compute.NoTask {
			t.Errorf("instance has %+v, want %+v as its second", inst.VIFs, vif)
		}
		if name, event := c.lastEvent(t, inst.ID); name != "attach_interface" || event.Event != "compute_attach_interface" || event.Result != compute.EventSuccess || event.Host != inst.Host {
			t.Errorf("action %s with %+v", name, event)
		}
		if err := c.DetachInterface(t.Context(), user, inst.ID, vif.PortID); err != nil {
			t.Fatal(err)
		}
		c.settle(t)
		c.clean(t)
		if left := c.get(t, inst.ID).VIFs; len(left) != 1 {
			t.Errorf("instance has %+v, want one", left)
		}
		if name, event := c.lastEvent(t, inst.ID); name != "detach_interface" || event.Event != "compute_detach_interface" || event.Result != compute.EventSuccess {
			t.Errorf("action %s with %+v", name, event)
		}
	}
	want := []string{
		"instance.interface_attach.start", "instance.interface_attach.end", "instance.interface_detach.start", "instance.interface_detach.end",
	}
	if want = append(want, want...); !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// A host that fails leaves no port behind, and takes none.
func TestInterfacesOfFailingHost(t *testing.T) {
	t.Parallel()
	failed := ""
	c := start(t, failing(func(call compute.DriverCall) error {
		if call.Method == failed {
			return errInjected
		}
		return nil
	}))
	inst := c.active(t)
	failed = "AttachInterface"
	_, err := c.AttachInterface(t.Context(), user, inst.ID, compute.RequestedNetwork{NetworkID: "net"})
	if !errors.As(err, new(*compute.InterfaceAttachFailed)) || !errors.Is(err, errInjected) {
		t.Errorf("attached: %v", err)
	}
	c.clean(t)
	const message = "Failed to attach network adapter device to "
	if fault := c.get(t, inst.ID).Fault; fault == nil || fault.Message != message+inst.ID || fault.Code != 500 {
		t.Errorf("fault %+v", fault)
	}
	if _, event := c.lastEvent(t, inst.ID); event.Result != compute.EventError {
		t.Errorf("event %+v", event)
	}

	failed = "DetachInterface"
	if err := c.DetachInterface(t.Context(), user, inst.ID, inst.VIFs[0].PortID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.clean(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if left := c.get(t, inst.ID).VIFs; len(left) != 1 {
		t.Errorf("instance has %+v, want what it had", left)
	}
	if _, event := c.lastEvent(t, inst.ID); event.Result != compute.EventError || event.Details != "Failed to detach network adapter device from "+inst.ID {
		t.Errorf("event %+v", event)
	}
}

// plain is a driver without any abilities.
type plain struct{ driver.Driver }

func TestInterfacesOfUnableHost(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range c.config.Hosts {
		c.config.Hosts[i].Driver = plain{c.hosts[i]}
	}
	m, err := compute.New(c.config)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if err := m.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.Manager = m
	_, err = c.AttachInterface(t.Context(), user, inst.ID, compute.RequestedNetwork{NetworkID: "net"})
	wantErr(t, err, compute.BadRequest, "Attaching interfaces is not supported for instance "+inst.ID+".")
	err = c.DetachInterface(t.Context(), user, inst.ID, inst.VIFs[0].PortID)
	wantErr(t, err, compute.NotImplemented, "The requested functionality is not supported.")
	c.clean(t)
}

func TestRefusedInterfaces(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	if err := c.Lock(t.Context(), user, inst.ID, nil); err != nil {
		t.Fatal(err)
	}
	locked := "Instance " + inst.ID + " is locked"
	_, err := c.AttachInterface(t.Context(), user, inst.ID, compute.RequestedNetwork{NetworkID: "net"})
	wantErr(t, err, compute.Conflict, locked)
	wantErr(t, c.DetachInterface(t.Context(), user, inst.ID, inst.VIFs[0].PortID), compute.Conflict, locked)
	wantErr(t, c.AddFixedIP(t.Context(), user, inst.ID, "net"), compute.Conflict, locked)
	if _, err := c.AttachInterface(t.Context(), admin, inst.ID, compute.RequestedNetwork{NetworkID: "net"}); err != nil {
		t.Errorf("locked for administrators, too: %v", err)
	}
	if err := c.Delete(t.Context(), admin, inst.ID); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	_, err = c.AttachInterface(t.Context(), user, inst.ID, compute.RequestedNetwork{NetworkID: "net"})
	wantErr(t, err, compute.NotFound, "Instance "+inst.ID+" could not be found.")
	c.clean(t)
}

// A change of fixed addresses is no instance action; a failure is told by the instance's fault only.
func TestFixedIPs(t *testing.T) {
	t.Parallel()
	c := start(t)
	inst := c.active(t)
	addresses := func() (all []string) {
		c.settle(t)
		for _, a := range c.get(t, inst.ID).VIFs[0].Addresses {
			all = append(all, a.IP.String())
		}
		return all
	}
	if err := c.AddFixedIP(t.Context(), user, inst.ID, "net"); err != nil {
		t.Fatal(err)
	}
	if got := addresses(); len(got) != 2 || got[1] != "10.0.0.5" {
		t.Errorf("addresses %v", got)
	}
	if err := c.RemoveFixedIP(t.Context(), user, inst.ID, netip.MustParseAddr("10.0.0.4")); err != nil {
		t.Fatal(err)
	}
	if got := addresses(); len(got) != 1 || got[0] != "10.0.0.5" {
		t.Errorf("addresses %v", got)
	}
	if err := c.AddFixedIP(t.Context(), user, inst.ID, "elsewhere"); err != nil {
		t.Fatal(err)
	}
	c.settle(t)
	c.want(t, inst.ID, compute.Active, compute.NoTask, compute.PowerRunning)
	if fault := c.get(t, inst.ID).Fault; fault == nil || fault.Code != 404 {
		t.Errorf("fault %+v", fault)
	}
	if name, _ := c.lastEvent(t, inst.ID); name != "create" {
		t.Errorf("a change of addresses is the action %s", name)
	}
}
