// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"errors"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// deed is something that is done to a server.
type deed struct {
	name string
	// request is the server's; nil is request.
	request func() compute.CreateRequest
	before  []func(*cloud, testing.TB, string) error
	do      func(*cloud, testing.TB, string) error
	config  func(*compute.Config)
}

// prepare makes a server to do it to.
func (d *deed) prepare(t *testing.T, c *cloud) (id string) {
	t.Helper()
	wanted := request
	if d.request != nil {
		wanted = d.request
	}
	id = c.create(t, wanted()).ID
	c.settle(t)
	for _, step := range d.before {
		if err := step(c, t, id); err != nil {
			t.Fatal(err)
		}
		c.settle(t)
	}
	return id
}

func act(do func(*cloud, context.Context, string) error) func(*cloud, testing.TB, string) error {
	return func(c *cloud, tb testing.TB, id string) error { return do(c, tb.Context(), id) }
}

func onBootVolume() compute.CreateRequest { return bootFrom(onVolume(compute.SourceVolume, "root")) }

// Steps of deeds:

func toResize(c *cloud, tb testing.TB, id string) error {
	larger := tiny
	larger.ID, larger.VCPUs, larger.Number = "2", 2, 2
	return c.Resize(tb.Context(), user, id, compute.Resizing{Flavor: larger})
}

func toMigrate(c *cloud, tb testing.TB, id string) error {
	return c.Migrate(tb.Context(), admin, id, "")
}

func toRevert(c *cloud, tb testing.TB, id string) error {
	return c.Revert(tb.Context(), user, id)
}

func toConfirm(c *cloud, tb testing.TB, id string) error {
	return c.Confirm(tb.Context(), user, id)
}

func toStop(c *cloud, tb testing.TB, id string) error {
	return c.Stop(tb.Context(), user, id)
}

func toPause(c *cloud, tb testing.TB, id string) error {
	return c.Pause(tb.Context(), user, id)
}

func toSuspend(c *cloud, tb testing.TB, id string) error {
	return c.Suspend(tb.Context(), user, id)
}

func toShelve(c *cloud, tb testing.TB, id string) error {
	return c.Shelve(tb.Context(), user, id)
}

func toUnshelf(c *cloud, tb testing.TB, id string) error {
	return c.Unshelve(tb.Context(), user, id, compute.UnshelveRequest{})
}

func toRescue(c *cloud, tb testing.TB, id string) error {
	return c.Rescue(tb.Context(), user, id, compute.RescueRequest{})
}

func toAttach(c *cloud, tb testing.TB, id string) error {
	_, err := c.AttachVolume(tb.Context(), user, id, compute.VolumeAttachRequest{VolumeID: "data"})
	return err
}

func toPlug(c *cloud, tb testing.TB, id string) error {
	_, err := c.AttachInterface(tb.Context(), user, id, compute.RequestedNetwork{NetworkID: "net"})
	return err
}

func toDelete(c *cloud, tb testing.TB, id string) error {
	return c.Delete(tb.Context(), user, id)
}

func hostDowns(c *cloud, tb testing.TB, id string) error {
	inst, err := c.Get(tb.Context(), id)
	down := true
	return errors.Join(err, c.UpdateHost(tb.Context(), inst.Host, compute.HostChange{ForcedDown: &down}))
}

type steps = []func(*cloud, testing.TB, string) error

// deeds are all that can be done to servers and asks something of their hosts or neighbours.
var deeds = []deed{
	{name: "stop", do: toStop},
	{name: "start", before: steps{toStop}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Start(ctx, user, id) })},
	{name: "soft reboot", do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Reboot(ctx, user, id, compute.SoftReboot)
	})},
	{name: "hard reboot", do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Reboot(ctx, user, id, compute.HardReboot)
	})},
	{name: "pause", do: toPause},
	{name: "unpause", before: steps{toPause}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Unpause(ctx, user, id) })},
	{name: "suspend", do: toSuspend},
	{name: "resume", before: steps{toSuspend}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Resume(ctx, user, id) })},
	{name: "rescue", before: steps{toAttach}, do: toRescue},
	{name: "unrescue", before: steps{toAttach, toRescue}, do: act(func(c *cloud, ctx context.Context, id string) error { return c.Unrescue(ctx, user, id) })},
	{name: "rebuild", before: steps{toAttach}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "other"})
	})},
	{name: "rebuild on volume", request: onBootVolume, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Rebuild(ctx, user, id, compute.RebuildRequest{ImageID: "other", ReimageVolume: true})
	})},
	{name: "password", do: act(func(c *cloud, ctx context.Context, id string) error { return c.SetPassword(ctx, user, id, "secret") })},
	{name: "crash dump", do: act(func(c *cloud, ctx context.Context, id string) error { return c.CrashDump(ctx, user, id) })},
	{name: "resize", before: steps{toAttach}, do: toResize},
	{name: "resize stopped", before: steps{toStop}, do: toResize},
	{name: "migrate", before: steps{toAttach}, do: toMigrate},
	{name: "migrate on volume", request: onBootVolume, do: toMigrate},
	{name: "confirm", before: steps{toAttach, toResize}, do: toConfirm},
	{name: "revert", before: steps{toAttach, toResize}, do: toRevert},
	{name: "revert stopped", before: steps{toStop, toMigrate}, do: toRevert},
	{name: "live migrate", before: steps{toAttach}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.LiveMigrate(ctx, admin, id, compute.LiveMigrateRequest{Async: true})
	})},
	{name: "live migrate at once", do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.LiveMigrate(ctx, admin, id, compute.LiveMigrateRequest{})
	})},
	{name: "evacuate", before: steps{toAttach, hostDowns}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Evacuate(ctx, admin, id, compute.EvacuateRequest{})
	})},
	{name: "evacuate stopped", before: steps{toStop, hostDowns}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Evacuate(ctx, admin, id, compute.EvacuateRequest{})
	})},
	{name: "shelve", before: steps{toAttach}, do: toShelve},
	{name: "shelve for later", config: func(c *compute.Config) { c.ShelvedOffloadTime = -1 }, do: toShelve},
	{name: "shelve on volume", request: onBootVolume, do: toShelve},
	{
		name: "offload", config: func(c *compute.Config) { c.ShelvedOffloadTime = -1 }, before: steps{toAttach, toShelve},
		do: act(func(c *cloud, ctx context.Context, id string) error { return c.ShelveOffload(ctx, user, id) }),
	},
	{name: "unshelve", before: steps{toAttach, toShelve}, do: toUnshelf},
	{name: "unshelve on volume", request: onBootVolume, before: steps{toShelve}, do: toUnshelf},
	{name: "unshelve at home", config: func(c *compute.Config) { c.ShelvedOffloadTime = -1 }, before: steps{toShelve}, do: toUnshelf},
	{name: "image", do: act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.CreateImage(ctx, user, id, "copy", nil)
		return err
	})},
	{name: "image of volume", request: onBootVolume, do: act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.CreateImage(ctx, user, id, "copy", nil)
		return err
	})},
	{name: "backup", do: act(func(c *cloud, ctx context.Context, id string) error {
		_, err := c.CreateBackup(ctx, user, id, compute.Backup{Name: "copy", Type: "daily", Rotation: 1})
		return err
	})},
	{name: "attach volume", do: toAttach},
	{name: "attach volume when offloaded", before: steps{toShelve}, do: toAttach},
	{name: "detach volume", before: steps{toAttach}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.DetachVolume(ctx, user, id, "data")
	})},
	{name: "detach volume when offloaded", before: steps{toAttach, toShelve}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.DetachVolume(ctx, user, id, "data")
	})},
	{name: "attach interface", do: toPlug},
	{name: "detach interface", before: steps{toPlug}, do: act(func(c *cloud, ctx context.Context, id string) error {
		inst, err := c.Get(ctx, id)
		if err != nil {
			return err
		}
		return c.DetachInterface(ctx, user, id, inst.VIFs[0].PortID)
	})},
	{name: "delete", before: steps{toAttach}, do: toDelete},
	{name: "delete on volume", request: onBootVolume, do: toDelete},
	{name: "delete resized", before: steps{toAttach, toResize}, do: toDelete},
	{name: "delete offloaded", before: steps{toAttach, toShelve}, do: toDelete},
	{name: "soft delete", config: reclaimLater, before: steps{toAttach}, do: toDelete},
	{name: "soft delete resized", config: reclaimLater, before: steps{toAttach, toResize}, do: toDelete},
	{name: "restore", config: reclaimLater, before: steps{toAttach, toDelete}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.Restore(ctx, user, id)
	})},
	{
		name: "restore resized", config: reclaimLater, before: steps{toAttach, toResize, toDelete},
		do: act(func(c *cloud, ctx context.Context, id string) error { return c.Restore(ctx, user, id) }),
	},
	{name: "force delete", config: reclaimLater, before: steps{toAttach, toDelete}, do: act(func(c *cloud, ctx context.Context, id string) error {
		return c.ForceDelete(ctx, user, id)
	})},
}

func reclaimLater(c *compute.Config) { c.ReclaimInterval = 1 << 40 }
