// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// zonesOf are the domains of Nova's DNS (os-floating-ip-dns). A private one is for the guests of an availability zone:
// those whose ports are on its hosts. Hosts that have guests stay in their zone, so that no change of zones goes unheard.
func (c *Cloud) zonesOf(ctx context.Context, t *neutron.Topology) ([]driver.Zone, error) {
	known, err := c.Nova.DNSZones(ctx)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	hosts, err := c.Compute.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	zoneOf := make(map[string]string, len(hosts))
	for _, h := range hosts {
		zoneOf[h.Name] = h.Zone
	}
	zones := make([]driver.Zone, len(known))
	for i, z := range known {
		zones[i] = driver.Zone{Domain: z.Domain, Names: z.Names, Private: z.Private, Ports: map[string]bool{}}
		for _, p := range t.Ports {
			if z.Private && p.HostID != "" && z.AvailabilityZone != "" && zoneOf[p.HostID] == z.AvailabilityZone {
				zones[i].Ports[p.ID] = true
			}
		}
	}
	return zones, nil
}
