// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.ShareMounter = (*Driver)(nil)

// MountShare gives the machine a share.
func (d *Driver) MountShare(ctx context.Context, id string, share driver.Share) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.change(id, func(r *machine) {
		if r.shareAt(share.Tag) < 0 {
			r.Shares = append(slices.Clone(r.Shares), share)
		}
	})
}

// UnmountShare takes the share with that tag from the machine.
func (d *Driver) UnmountShare(ctx context.Context, id, tag string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	found := false
	err := d.change(id, func(r *machine) {
		if at := r.shareAt(tag); at >= 0 {
			found = true
			r.Shares = slices.Delete(slices.Clone(r.Shares), at, at+1)
		}
	})
	if err == nil && !found {
		return fmt.Errorf("%w: share %s", driver.ErrNoDevice, tag)
	}
	return err
}

// shareAt is the place of the share with that tag, or -1.
func (m *machine) shareAt(tag string) int {
	return slices.IndexFunc(m.Shares, func(s driver.Share) bool { return s.Tag == tag })
}
