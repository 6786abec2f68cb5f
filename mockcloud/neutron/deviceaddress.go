// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// AddFixedIP gives a device's port on that network one more address, of the first subnet that has one.
// NotOnNetwork when there is none.
func (s *Service) AddFixedIP(ctx context.Context, deviceID, networkID string) error {
	return s.updateAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		within, err := subnetTable.By(o.tx, "network_id", networkID)
		if err != nil {
			return err
		}
		found, err := o.attached(deviceID)
		if err != nil {
			return err
		}
		for _, p := range found {
			for _, sub := range within {
				if p.NetworkID != networkID {
					continue
				}
				if err := o.readdress(p, append(requests(p.FixedIPs), fixedRequest{SubnetID: sub.ID})); err == nil {
					return nil
				}
			}
		}
		return NotOnNetwork.of(deviceID)
	})
}

// RemoveFixedIP takes an address from the device's port that has it. NoSuchFixedIP when none has.
func (s *Service) RemoveFixedIP(ctx context.Context, deviceID string, address netip.Addr) error {
	return s.updateAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		found, err := o.attached(deviceID)
		if err != nil {
			return err
		}
		for _, p := range found {
			kept := slices.DeleteFunc(requests(p.FixedIPs), func(r fixedRequest) bool { return r.IPAddress == address })
			if len(kept) < len(p.FixedIPs) {
				return o.readdress(p, kept)
			}
		}
		return NoSuchFixedIP.of(deviceID, address)
	})
}

// requests ask for the addresses that a port has.
func requests(has []FixedIP) []fixedRequest {
	all := make([]fixedRequest, len(has))
	for i, ip := range has {
		all[i] = fixedRequest(ip)
	}
	return all
}

// readdress gives a port other addresses.
func (o *op) readdress(p *Port, wanted []fixedRequest) error {
	_, err := o.ports.change(o, p.ID, &portFields{FixedIPs: api.Some(wanted)})
	return err
}
