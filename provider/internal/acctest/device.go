// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"context"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumes"
	"github.com/gophercloud/gophercloud/v2/openstack/blockstorage/v3/volumetypes"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Port makes a port in the network for the test, and returns its id.
func (target *Target) Port(t *testing.T, network string) string {
	t.Helper()
	service, err := target.Client.Network()
	if err != nil {
		t.Fatal(err)
	}
	made, err := ports.Create(t.Context(), service, ports.CreateOpts{Name: Name(t), NetworkID: network}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ports.Delete(context.WithoutCancel(t.Context()), service, made.ID).ExtractErr(); err != nil && !diagnose.NotFound(err) {
			t.Error(err)
		}
	})
	return made.ID
}

// Volume makes an empty volume of 1 GiB for the test, and returns its id.
func (target *Target) Volume(t *testing.T) string {
	t.Helper()
	return target.volume(t, volumes.CreateOpts{Name: Name(t), Size: 1})
}

func (target *Target) volume(t *testing.T, opts volumes.CreateOpts) string {
	t.Helper()
	service, err := target.Client.Volume()
	if err != nil {
		t.Fatal(err)
	}
	made, err := volumes.Create(t.Context(), service, opts, nil).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		err := volumes.Delete(ctx, service, made.ID, nil).ExtractErr()
		for err == nil { // its type can be deleted only after it
			err = volumes.Get(ctx, service, made.ID).Err
		}
		if !diagnose.NotFound(err) {
			t.Error(err)
		}
	})
	target.VolumeBecomes(t, made.ID, "available")
	return made.ID
}

// VolumeBecomes waits until the volume has a status.
func (target *Target) VolumeBecomes(t *testing.T, id, status string) {
	t.Helper()
	service, err := target.Client.Volume()
	if err != nil {
		t.Fatal(err)
	}
	until(t, func() (bool, error) {
		found, err := volumes.Get(t.Context(), service, id).Extract()
		return err == nil && found.Status == status, err
	})
}

// Unplug takes an interface away from a server behind Terraform's back.
func (target *Target) Unplug(t *testing.T, server, port string) {
	t.Helper()
	interfaces := nova.Interfaces{Client: target.Client, Server: server}
	if err := interfaces.Detach(t.Context(), port); err != nil {
		t.Fatal(err)
	}
	until(t, func() (bool, error) {
		_, err := interfaces.Get(t.Context(), port)
		if diagnose.NotFound(err) {
			return true, nil
		}
		return false, err
	})
}

func until(t *testing.T, done func() (bool, error)) {
	t.Helper()
	for {
		ok, err := done()
		if err == nil && !ok {
			err = wait.Wall{}.Sleep(t.Context(), 10*time.Millisecond)
		}
		if err != nil {
			t.Fatal(err)
		}
		if ok {
			return
		}
	}
}

// Server makes a server for the test, with what networks says ("none", "auto" or requests for interfaces), and returns
// its id once it is active.
func (target *Target) Server(t *testing.T, networks any) string {
	t.Helper()
	id, err := target.Servers().Create(t.Context(), 37, nova.ServerCreate{
		Name: Name(t), ImageRef: target.Image(t), FlavorRef: target.Flavor(t), Networks: networks,
	})
	if err != nil {
		t.Fatal(err)
	}
	target.RemoveAfter(t, id)
	if err := target.Active(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return id
}

// RemoveAfter deletes a server at the end of the test, and waits until it is gone with its ports.
func (target *Target) RemoveAfter(t *testing.T, id string) {
	t.Helper()
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		err := target.Servers().Delete(ctx, id)
		if err == nil {
			err = target.Gone(ctx, id)
		}
		if err != nil && !diagnose.NotFound(err) {
			t.Error(err)
		}
	})
}

// Rename gives a server another name.
func (target *Target) Rename(t *testing.T, id, name string) {
	t.Helper()
	if err := target.Servers().Update(t.Context(), 1, id, map[string]any{"name": name}); err != nil {
		t.Fatal(err)
	}
}

// Multiattach makes a volume for the test that several servers may have, and returns its id.
func (target *Target) Multiattach(t *testing.T) string {
	t.Helper()
	service, err := target.Client.Volume()
	if err != nil {
		t.Fatal(err)
	}
	kind, err := volumetypes.Create(t.Context(), service, volumetypes.CreateOpts{
		Name: Name(t), ExtraSpecs: map[string]string{"multiattach": "<is> True"},
	}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := volumetypes.Delete(context.WithoutCancel(t.Context()), service, kind.ID).ExtractErr(); err != nil {
			t.Error(err)
		}
	})
	return target.volume(t, volumes.CreateOpts{Name: Name(t), Size: 1, VolumeType: kind.ID})
}
