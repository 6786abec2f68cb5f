// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// acceptIf is accept with more to check, or to change in the same transaction: the instance is written
// as check leaves it.
func (m *Manager) acceptIf(ctx context.Context, caller Caller, id string, action *Action, check func(store.Tx, *Instance) error) (*Op, error) {
	var op *Op
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		inst, err := live(tx, id)
		if err != nil {
			return err
		}
		if err := guards[or(action.Guard, action.Name)].check(inst, caller, action.Name); err != nil {
			return err
		}
		if err := check(tx, inst); err != nil {
			return err
		}
		op, err = m.acceptIn(tx, caller, inst, action)
		return err
	})
	return op, err
}
