// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"net/http"
	"net/netip"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// makeNetwork makes what is planned: a network and its subnets in Neutron and Nova's record of it, all or nothing.
func (s *Service) makeNetwork(c *api.Call, p *networkPlan) error {
	records, _, owners, err := s.networksInUse(c.Context())
	if err != nil {
		return err
	}
	if err := p.admit(c, records, owners); err != nil {
		return err
	}
	made, err := neutronNetworks.create(s.neutron(c), p.network(c))
	if err != nil {
		return inNovasWords(err, tooManyNetworks)
	}
	p.ID = made.ID
	if err = s.furnish(c, p); err == nil {
		return nil
	}
	s.takeBack(c, p.ID)
	return inNovasWords(err, tooManyNetworks)
}

// takeBack unmakes a network of a request that fails.
func (s *Service) takeBack(c *api.Call, id string) {
	c = lasting(c)
	if err := s.unmakeNetwork(c, s.neutron(c), id); err != nil {
		s.Log.Error("a network is left of a request that failed", "network", id, "error", err)
	}
}

// tooManyNetworks is what Nova says of Neutron's quota.
var tooManyNetworks = networkWords{kind: "OverQuota", code: http.StatusForbidden, message: "Quota exceeded, too many networks."}

// lasting is a call that goes on when its client is gone: what is half done is taken back.
func lasting(c *api.Call) *api.Call {
	on := *c
	on.Request = c.Request.WithContext(context.WithoutCancel(c.Context()))
	return &on
}

// network is what Neutron is asked for. Where it is to be nobody's it is first who asks for it's.
func (p *networkPlan) network(c *api.Call) object {
	fields := object{"name": p.label, "project_id": p.owner(c)}
	if p.mtu > 0 {
		fields["mtu"] = p.mtu
	}
	if p.VLAN != nil {
		fields["provider:network_type"], fields["provider:segmentation_id"] = "vlan", *p.VLAN
	}
	return fields
}

func (p *networkPlan) owner(c *api.Call) string {
	if p.project == "" {
		return c.ProjectID()
	}
	return p.project
}

// furnish makes a network what the plan says.
func (s *Service) furnish(c *api.Call, p *networkPlan) error {
	for _, fields := range p.subnets {
		fields["network_id"], fields["project_id"] = p.ID, p.owner(c)
		subnet, err := neutronSubnets.create(s.neutron(c), fields)
		if err != nil {
			return err
		}
		if subnet.IPVersion == 4 && p.dhcp.IsValid() {
			if err := s.moveDHCP(c, subnet, p.dhcp); err != nil {
				return err
			}
		}
	}
	if p.project == "" {
		if _, err := s.Networks.Give(c.Context(), p.ID, c.ProjectID(), ""); err != nil {
			return err
		}
	}
	return s.recordNetwork(c, p)
}

// moveDHCP puts a network's DHCP server at the address that the request wants it at.
func (s *Service) moveDHCP(c *api.Call, subnet neutronSubnet, to netip.Addr) error {
	n, filters := s.neutron(c), where("network_id", subnet.NetworkID)
	filters.Set("device_owner", ownerDHCP)
	servers, err := neutronPorts.list(n, filters)
	if err != nil {
		return err
	}
	for _, p := range servers {
		if _, err := neutronPorts.update(n, p.ID, object{"fixed_ips": []object{{"subnet_id": subnet.ID, "ip_address": to.String()}}}); err != nil {
			return err
		}
	}
	return nil
}

// recordNetwork records a network, unless another one with such a range or VLAN has been made meanwhile, and forgets
// those that were deleted at Neutron's.
func (s *Service) recordNetwork(c *api.Call, p *networkPlan) error {
	p.CreatedAt = s.Clock.Now()
	for {
		_, left, owners, err := s.networksInUse(c.Context())
		if err != nil {
			return err
		}
		err = s.Store.Update(c.Context(), func(tx store.Tx) error { return p.record(c, tx, left, owners) })
		if !errors.Is(err, errOwnerUnknown) {
			return err
		}
	}
}

// errOwnerUnknown: a network has been recorded since the owners were read.
var errOwnerUnknown = errors.New("a network is not known to have an owner")

func (p *networkPlan) record(c *api.Call, tx store.Tx, left map[string]*networkRecord, owners map[string]string) error {
	rows, err := networkTable.All(tx)
	if err != nil {
		return err
	}
	records := map[string]*networkRecord{}
	for _, r := range rows {
		_, owned := owners[r.ID]
		switch {
		case owned:
			records[r.ID] = r
		case left[r.ID] == nil:
			return errOwnerUnknown
		default:
			if err := networkTable.Delete(tx, r.ID); err != nil {
				return err
			}
		}
	}
	if err := p.admit(c, records, owners); err != nil {
		return err
	}
	return networkTable.Insert(tx, &p.networkRecord)
}

// admit refuses a VLAN that another of these networks has, and a range that one of those has which the caller's must not
// overlap.
func (p *networkPlan) admit(c *api.Call, records map[string]*networkRecord, owners map[string]string) error {
	if other := overlapping(p.CIDR, beside(c, records, owners)); other.IsValid() {
		return cidrConflict(p.CIDR, other)
	}
	return p.vlanOf(records)
}

// beside are those of the networks whose ranges nova-network kept a new one apart from: all, of an administrator's; of a
// project's, its own and nobody's, since what others have it was not to know (Nova: project_only, "allow_none").
func beside(c *api.Call, records map[string]*networkRecord, owners map[string]string) map[string]*networkRecord {
	if c.Identity.Admin() {
		return records
	}
	seen := map[string]*networkRecord{}
	for id, r := range records {
		if owner := owners[id]; owner == "" || owner == c.ProjectID() {
			seen[id] = r
		}
	}
	return seen
}

// overlapping is a range of those networks that has addresses in common with the given one; invalid if there is none.
func overlapping(cidr netip.Prefix, records map[string]*networkRecord) (other netip.Prefix) {
	for _, r := range records {
		if r.CIDR.IsValid() && r.CIDR.Overlaps(cidr) {
			return r.CIDR
		}
	}
	return other
}

func cidrConflict(cidr, other netip.Prefix) error {
	return api.Conflict("Requested cidr (%s) conflicts with existing cidr (%s)", cidr, other)
}

// unmakeNetwork deletes a network in Neutron, by n, and Nova's record of it.
func (s *Service) unmakeNetwork(c *api.Call, n neutron, id string) error {
	if err := s.dropReservations(c, id); err != nil {
		return err
	}
	if err := neutronNetworks.delete(n, id); err != nil && !isGone(err) {
		return err
	}
	return s.Store.Update(c.Context(), func(tx store.Tx) error {
		if err := networkTable.Delete(tx, id); !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return nil
	})
}
