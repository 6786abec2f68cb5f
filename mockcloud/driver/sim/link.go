// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"context"
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.LinkResetter = (*Driver)(nil)

// ResetLinks takes the links of a running machine's NICs down and up again, as its guest notes on its console.
func (d *Driver) ResetLinks(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return d.change(id, func(r *machine) {
		if r.State != driver.Running {
			return
		}
		since := d.Clock.Now().Sub(r.BootedAt).Seconds()
		for i := range r.NICs {
			for _, link := range []string{"down", "up"} {
				r.print(fmt.Sprintf("[%12.6f] virtio_net virtio%d eth%d: link %s\n", since, i, i, link))
			}
		}
	})
}
