// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// topology tells the fabric what Neutron's records say, one telling at a time.
type topology struct {
	asked   atomic.Uint64 // changes so far
	mu      sync.Mutex
	told    uint64
	covered uint64 // changes that were in the records when they were read last
}

// followTopology brings the fabric up to date. It returns once new rules hold for the guests that run. The
// records are read once for all changes that were made meanwhile.
func (c *Cloud) followTopology(ctx context.Context) {
	if _, none := c.options.Fabric.(driver.NoFabric); none {
		return
	}
	change := c.topology.asked.Add(1)
	c.topology.mu.Lock()
	defer c.topology.mu.Unlock()
	if c.topology.covered >= change {
		return
	}
	upTo := c.topology.asked.Load()
	records, err := c.Neutron.Topology(ctx)
	if err == nil {
		c.topology.told++
		t := driver.Topology{Sequence: c.topology.told, Routers: routersOf(records), Floating: floatingOf(records), External: externalOf(records), Trunks: trunksOf(records)}
		t.Security, t.Groups = securityOf(records)
		t.Zones, err = c.zonesOf(ctx, records)
		err = errors.Join(err, c.options.Fabric.Follow(ctx, t)) // without names rules must hold all the same
	}
	if err == nil {
		c.topology.covered = upTo
	} else {
		c.options.Log.Error("the data plane does not follow the networks", "error", err)
	}
}
