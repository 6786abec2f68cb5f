// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"net"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/console"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// openConsole uses the token of a server's console up.
func (c *Cloud) openConsole(ctx context.Context, token string) (console.Place, error) {
	found, err := c.Compute.UseConsole(ctx, token)
	if compute.KindOf(err) == compute.NotFound {
		return console.Place{}, console.ErrNoToken
	}
	if err != nil {
		return console.Place{}, err
	}
	spice := found.Kind == driver.ConsoleSPICE
	at := found.Address
	if at.Path != "" {
		return console.Place{Network: "unix", Address: at.Path, SPICE: spice}, nil
	}
	return console.Place{Network: "tcp", Address: net.JoinHostPort(at.Host, strconv.Itoa(at.Port)), SPICE: spice}, nil
}
