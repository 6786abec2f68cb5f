// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"net"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/console"
)

// openConsole uses the token of a server's console up.
func (c *Cloud) openConsole(ctx context.Context, token string) (network, address string, err error) {
	found, err := c.Compute.UseConsole(ctx, token)
	if compute.KindOf(err) == compute.NotFound {
		return "", "", console.ErrNoToken
	}
	if err != nil {
		return "", "", err
	}
	at := found.Address
	if at.Path != "" {
		return "unix", at.Path, nil
	}
	return "tcp", net.JoinHostPort(at.Host, strconv.Itoa(at.Port)), nil
}
