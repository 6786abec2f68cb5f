// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"fmt"
	"net"
)

// Dial opens a TCP connection to a port of a server's guest, on its first fixed address.
func (c *Cloud) Dial(ctx context.Context, serverID string, port uint16) (net.Conn, error) {
	inst, err := c.Compute.Get(ctx, serverID)
	if err != nil {
		return nil, err
	}
	for _, vif := range inst.VIFs {
		for _, a := range vif.Addresses {
			if a.Type == "fixed" && a.IP.Is4() {
				return c.options.Fabric.Dial(ctx, vif.PortID, port)
			}
		}
	}
	return nil, fmt.Errorf("server %s has no IPv4 address", serverID)
}
