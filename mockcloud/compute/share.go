// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ShareMapping is a share of a server (Nova: share_mapping, since 2.97).
type ShareMapping struct {
	ID             string // UUID
	ShareID        string
	Tag            string // by which the guest finds it; the share's id unless the user chose one
	Status         ShareStatus
	Protocol       string
	ExportLocation string
}

// ShareStatus is what a server's share is like.
type ShareStatus string

// The statuses of a server's share. A server that is on has its shares mounted: active.
const (
	ShareAttaching ShareStatus = "attaching"
	ShareInactive  ShareStatus = "inactive"
	ShareActive    ShareStatus = "active"
	ShareDetaching ShareStatus = "detaching"
	ShareError     ShareStatus = "error"
)

// The traits of a host whose machines can have shares.
const (
	virtioFS     = "COMPUTE_STORAGE_VIRTIO_FS"
	sharedMemory = "COMPUTE_MEM_BACKING_FILE"
)

// shareless are the actions that a server with shares cannot have done to it.
var shareless = []string{
	"rebuild", "resize", "migrate", "shelve", "suspend", "os-migrateLive", "live_migrate", "live-migration", "evacuate",
}

// shareProtocols are those that hosts can mount.
var shareProtocols = []string{"NFS", "CEPHFS"}

// SharesOf are the instance's shares, each with its status now.
func (i *Instance) SharesOf() []ShareMapping {
	all := slices.Clone(i.Shares)
	for at := range all {
		if all[at].Status == ShareInactive && (i.VMState == Active || i.VMState == Paused) {
			all[at].Status = ShareActive
		}
	}
	return all
}

// ShareOf is the instance's mapping of a share. An error of kind NotFound when it has none.
func (i *Instance) ShareOf(shareID string) (ShareMapping, error) {
	for _, s := range i.SharesOf() {
		if s.ShareID == shareID {
			return s, nil
		}
	}
	return ShareMapping{}, shareNotFound(shareID)
}

func shareNotFound(id string) error { return refuse(NotFound, "Share %s could not be found.", id) }

// AttachShare begins to give a stopped server a share; "" is the tag of the share's id. Errors: NotFound of
// the share, Conflict of the server's state, of a share that is not ready or mapped already, and of a host
// that cannot mount shares.
func (m *Manager) AttachShare(ctx context.Context, caller Caller, id, shareID, tag string) (made ShareMapping, err error) {
	share, err := m.share(ctx, caller, shareID)
	early := err // what is wrong with the server comes first
	err = m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := m.mayShare(inst, "create share", Stopped); err != nil {
			return err
		}
		if early != nil {
			return early
		}
		made = ShareMapping{
			ID: uuid.NewString(), ShareID: share.ID, Tag: or(tag, share.ID), Status: ShareAttaching,
			Protocol: share.Protocol, ExportLocation: share.ExportLocation,
		}
		if slices.ContainsFunc(inst.Shares, func(s ShareMapping) bool { return s.ShareID == made.ShareID || s.Tag == made.Tag }) {
			return refuse(Conflict, "Share '%s' or tag '%s' already associated to this server.", made.ShareID, made.Tag)
		}
		inst.Shares = append(inst.Shares, made)
		inst.UpdatedAt = m.Clock.Now()
		return instances.Put(tx, inst)
	})
	if err != nil {
		return made, err
	}
	return made, m.shareTurn(id, made)
}

// DetachShare begins to take a share from a server that is off.
func (m *Manager) DetachShare(ctx context.Context, id, shareID string) error {
	var mapping ShareMapping
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := m.mayShare(inst, "delete share", Stopped, Error); err != nil {
			return err
		}
		if _, err := inst.ShareOf(shareID); err != nil {
			return err
		}
		inst.changeShare(shareID, func(s *ShareMapping) { s.Status, mapping = ShareDetaching, *s })
		mapping.Status = ShareDetaching
		inst.UpdatedAt = m.Clock.Now()
		return instances.Put(tx, inst)
	})
	if err != nil {
		return err
	}
	return m.shareTurn(id, mapping)
}

// mayShare refuses a change of shares in other states than those, and on a host that mounts none.
func (m *Manager) mayShare(inst *Instance, action string, in ...VMState) error {
	if !slices.Contains(in, inst.VMState) {
		return &InstanceInvalidState{InstanceID: inst.ID, Action: action, Attr: "vm_state", State: string(inst.VMState)}
	}
	if h := m.hosts[inst.Host]; inst.VMState == Stopped && (h == nil || !can[driver.ShareMounter](h.Driver)) {
		return refuse(Conflict, "Feature not supported because either compute or instance are not configured correctly.")
	}
	return nil
}

// share is the share, if it can be mounted.
func (m *Manager) share(ctx context.Context, caller Caller, id string) (*Share, error) {
	if m.Shares == nil {
		return nil, shareNotFound(id)
	}
	share, err := m.Shares.Share(ctx, caller, id)
	switch {
	case KindOf(err) == NotFound:
		return nil, shareNotFound(id)
	case err != nil:
		return nil, err
	case share.Status != "available":
		return nil, refuse(Conflict, "Share %s is in '%s' instead of 'available' status.", id, share.Status)
	case share.ExportLocation == "":
		return nil, refuse(Conflict, "Share %s export location is missing.", id)
	case !slices.Contains(shareProtocols, share.Protocol):
		return nil, refuse(Conflict, "Share protocol %s is not supported.", share.Protocol)
	}
	return share, nil
}

// shareTurn does on the host what the mapping's status says is under way, once the instance's turn comes. A
// restart does it again.
func (m *Manager) shareTurn(id string, mapping ShareMapping) error {
	if !m.inTurn(id, "", func(ctx context.Context) {
		err := m.moveShare(ctx, id, mapping)
		if err == nil || m.ctx.Err() != nil || KindOf(err) == NotFound {
			return
		}
		m.Log.Warn("share not changed", "instance", id, "share", mapping.ShareID, "error", err)
		if err := m.recordShare(ctx, id, func(inst *Instance) {
			inst.changeShare(mapping.ShareID, func(s *ShareMapping) { s.Status = ShareError })
		}); err != nil {
			m.Log.Error("share's error not recorded", "instance", id, "share", mapping.ShareID, "error", err)
		}
	}) {
		return errStopping
	}
	return nil
}

func (m *Manager) moveShare(ctx context.Context, id string, mapping ShareMapping) error {
	inst, err := m.Get(ctx, id)
	if err != nil || !inst.Live() {
		return err
	}
	if mapping.Status == ShareDetaching {
		if err := m.unmountShare(ctx, inst, mapping); err != nil {
			return err
		}
		return m.recordShare(ctx, id, func(inst *Instance) {
			inst.Shares = slices.DeleteFunc(inst.Shares, func(s ShareMapping) bool { return s.ShareID == mapping.ShareID })
		})
	}
	h, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	if err := use(ctx, h, "MountShare", id, func(ctx context.Context, d driver.ShareMounter) error {
		return d.MountShare(ctx, id, driver.Share{
			ID: mapping.ShareID, Tag: mapping.Tag, Protocol: mapping.Protocol, Location: mapping.ExportLocation,
		})
	}); err != nil {
		return err
	}
	return m.recordShare(ctx, id, func(inst *Instance) {
		inst.changeShare(mapping.ShareID, func(s *ShareMapping) { s.Status = ShareInactive })
	})
}

// unmountShare takes the share from the machine. A server without a host or a machine has none.
func (m *Manager) unmountShare(ctx context.Context, inst *Instance, mapping ShareMapping) error {
	h := m.hosts[inst.Host]
	if h == nil || !can[driver.ShareMounter](h.Driver) {
		return nil
	}
	err := use(ctx, h, "UnmountShare", inst.ID, func(ctx context.Context, d driver.ShareMounter) error {
		return d.UnmountShare(ctx, inst.ID, mapping.Tag)
	})
	if errors.Is(err, driver.ErrNoDevice) || errors.Is(err, driver.ErrNotFound) {
		return nil
	}
	return err
}

func (m *Manager) recordShare(ctx context.Context, id string, change func(*Instance)) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		change(inst)
		return instances.Put(tx, inst)
	})
}

// changeShare changes the instance's mapping of a share, if it has one.
func (i *Instance) changeShare(shareID string, change func(*ShareMapping)) {
	for at := range i.Shares {
		if i.Shares[at].ShareID == shareID {
			change(&i.Shares[at])
		}
	}
}

// recoverShares takes up again what was being done to the instance's shares when the process ended.
func (m *Manager) recoverShares(inst *Instance) error {
	if inst.Host != "" && m.hosts[inst.Host] == nil {
		return nil // another process has that host
	}
	for _, mapping := range inst.Shares {
		if mapping.Status != ShareAttaching && mapping.Status != ShareDetaching {
			continue
		}
		if err := m.shareTurn(inst.ID, mapping); err != nil {
			return err
		}
	}
	return nil
}
