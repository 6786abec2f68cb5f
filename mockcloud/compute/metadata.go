// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"maps"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// UpdateMetadata sets items of a server's metadata; with replace, those not named are removed. It
// returns the metadata after it.
func (m *Manager) UpdateMetadata(ctx context.Context, caller Caller, id string, items map[string]string,
	replace bool,
) (map[string]string, error) {
	inst, err := m.edit(ctx, id, func(tx store.Tx, inst *Instance) error {
		if err := guards["update_instance_metadata"].check(inst, caller, "update metadata"); err != nil {
			return err
		}
		after := map[string]string{}
		if !replace {
			maps.Copy(after, inst.Metadata)
		}
		maps.Copy(after, items)
		inst.Metadata = after
		return m.CheckQuota(tx, inst.ProjectID, inst.UserID, QuotaMetadataItems, len(after))
	})
	if err != nil {
		return nil, err
	}
	return inst.Metadata, nil
}

// DeleteMetadata removes one item. An error of kind NotFound when there is none with that key.
func (m *Manager) DeleteMetadata(ctx context.Context, caller Caller, id, key string) error {
	_, err := m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
		if _, there := inst.Metadata[key]; !there {
			return refuse(NotFound, "Metadata item was not found")
		}
		if err := guards["delete_instance_metadata"].check(inst, caller, "delete metadata"); err != nil {
			return err
		}
		delete(inst.Metadata, key)
		return nil
	})
	return err
}
