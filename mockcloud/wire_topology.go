// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"sync"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// topology tells the fabric what Neutron's records say, one telling at a time.
type topology struct {
	mu   sync.Mutex
	told uint64
}

// followTopology brings the fabric up to date. It returns once new rules hold for the guests that run.
func (c *Cloud) followTopology(ctx context.Context) {
	if _, none := c.options.Fabric.(driver.NoFabric); none {
		return
	}
	c.topology.mu.Lock()
	defer c.topology.mu.Unlock()
	records, err := c.Neutron.Topology(ctx)
	if err == nil {
		c.topology.told++
		t := driver.Topology{Sequence: c.topology.told, Routers: routersOf(records), Floating: floatingOf(records), External: externalOf(records)}
		t.Security, t.Groups = securityOf(records)
		err = c.options.Fabric.Follow(ctx, t)
	}
	if err != nil {
		c.options.Log.Error("the data plane does not follow the networks", "error", err)
	}
}
