// SPDX-License-Identifier: MPL-2.0

package local

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/socks"
)

// floatingRange is where floating IPs are unless somebody says otherwise: on Linux every address of 127.0.0.0/8
// is this machine's, without any configuration.
var floatingRange = netip.MustParsePrefix("127.64.0.0/16")

// openSOCKS opens the door to all servers, if there is to be one.
func (c *Cloud) openSOCKS(ctx context.Context, address string) error {
	if address == "" {
		return nil
	}
	door, err := socks.Listen(ctx, address, c.DialGuest, c.log)
	if err != nil {
		return fmt.Errorf("SOCKS: %w", err)
	}
	c.closers = append(c.closers, door.Close)
	c.SOCKS = door.Addr().String()
	c.log.Info("SOCKS5 door to all servers", "address", c.SOCKS)
	return nil
}
