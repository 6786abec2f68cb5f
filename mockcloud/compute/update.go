// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Update is a change of a server's descriptive attributes; nil leaves one as it is.
type Update struct {
	Name        *string
	Description **string // a pointer to nil removes it
	Hostname    *string  // since 2.90
	AccessIPv4  *string  // "" removes it
	AccessIPv6  *string
	DiskConfig  *DiskConfig
	PinnedZone  *string // since 2.104: the server's own zone, or "" to let it leave the zone
}

// UpdateInstance applies the change (PUT /servers/{id}) and returns the instance after it.
func (m *Manager) UpdateInstance(ctx context.Context, id string, change Update) (*Instance, error) {
	return m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
		if err := change.check(inst); err != nil {
			return err
		}
		set(&inst.Name, change.Name)
		set(&inst.Description, change.Description)
		set(&inst.Hostname, change.Hostname)
		set(&inst.AccessIPv4, change.AccessIPv4)
		set(&inst.AccessIPv6, change.AccessIPv6)
		set(&inst.DiskConfig, change.DiskConfig)
		set(&inst.RequestedZone, change.PinnedZone)
		return nil
	})
}

// check refuses to pin a server to a zone that is not its own, or past another one.
func (u Update) check(inst *Instance) error {
	switch zone := u.PinnedZone; {
	case zone == nil || *zone == "" || *zone == inst.RequestedZone:
		return nil
	case inst.RequestedZone != "":
		return refuse(Conflict, "Cannot change pinned availability zone directly. Unpin first by "+
			"setting pinned_availability_zone to null.")
	case *zone != inst.Zone:
		return refuse(Conflict, "Server can only be pinned to its current availability zone '%s', but '%s' was requested.",
			inst.Zone, *zone)
	}
	return nil
}

// taggable is what changes of tags demand; in Nova it is the API that does.
var taggable = guard{vm: []VMState{Active, Paused, Suspended, Stopped}, anyTask: true, unlaunched: true}

// ChangeTags replaces the tags of a server by what change makes of them and returns them. An error of
// change leaves them as they were. action is the API's name for the change: "update tags".
func (m *Manager) ChangeTags(ctx context.Context, caller Caller, id, action string, change func([]string) ([]string, error),
) ([]string, error) {
	inst, err := m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
		if err := taggable.check(inst, caller, action); err != nil {
			return err
		}
		tags, err := change(inst.Tags)
		inst.Tags = tagSet(tags)
		return err
	})
	if err != nil {
		return nil, err
	}
	return inst.Tags, nil
}

// edit changes what operations do not care for, at any time.
func (m *Manager) edit(ctx context.Context, id string, change func(store.Tx, *Instance) error) (*Instance, error) {
	var inst *Instance
	err := m.Store.Update(ctx, func(tx store.Tx) (err error) {
		if inst, err = live(tx, id); err != nil {
			return err
		}
		if err := change(tx, inst); err != nil {
			return err
		}
		inst.UpdatedAt = m.Clock.Now()
		return instances.Put(tx, inst)
	})
	if err == nil {
		m.tell("instance.update", Caller{}, inst, nil)
	}
	return inst, err
}
