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
	PinnedZone  *string // since 2.104; "" removes it
}

// UpdateInstance applies the change (PUT /servers/{id}) and returns the instance after it.
func (m *Manager) UpdateInstance(ctx context.Context, id string, change Update) (*Instance, error) {
	return m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
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

// ChangeTags replaces the tags of a server by what change makes of them and returns them. An error of
// change leaves them as they were.
func (m *Manager) ChangeTags(ctx context.Context, id string, change func([]string) ([]string, error)) ([]string, error) {
	inst, err := m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
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
	return inst, err
}
