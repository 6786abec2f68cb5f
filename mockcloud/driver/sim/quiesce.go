// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Quiescer = (*Driver)(nil)

// Quiesce holds nothing: simulated guests write nothing. One that does not run cannot be asked.
func (d *Driver) Quiesce(ctx context.Context, id string) error {
	state, err := d.State(ctx, id)
	if err == nil && state != driver.Running {
		err = driver.ErrNoAgent
	}
	return err
}

// Unquiesce does nothing.
func (d *Driver) Unquiesce(ctx context.Context, id string) error {
	_, err := d.State(ctx, id)
	return err
}
