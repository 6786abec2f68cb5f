// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// ResetState says that a server is in that vm_state, Active or Error, and that nothing is under way on it: what
// was is ended where it is (os-resetState).
func (m *Manager) ResetState(ctx context.Context, caller Caller, id string, state VMState) error {
	ended := ""
	var before Instance
	_, err := m.edit(ctx, id, func(tx store.Tx, inst *Instance) error {
		before, ended = *inst, inst.Operation
		if ended != "" {
			if err := m.endEvents(tx, inst, errPreempted); err != nil {
				return err
			}
		}
		inst.VMState, inst.TaskState, inst.Operation, inst.SnapshotImageID = state, NoTask, "", ""
		_, err := m.recordAction(tx, caller, id, "resetState")
		return err
	})
	if err != nil {
		return err
	}
	if ended != "" {
		m.lines.preempt(id, ended)
	}
	m.dropSnapshot(ctx, &before)
	return nil
}
