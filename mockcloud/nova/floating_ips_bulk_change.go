// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"context"
	"net/http"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// bulkCreate is the body of POST /os-floating-ips-bulk.
type bulkCreate struct {
	Range     string `json:"ip_range"  need:"2.1-" pattern:"^[0-9./a-fA-F]*$"`
	Pool      string `json:"pool"      len:"1-255"`
	Interface string `json:"interface" len:"1-255"`
}

// bulkDelete is the body of PUT /os-floating-ips-bulk/delete.
type bulkDelete struct {
	Range string `json:"ip_range" need:"2.1-" pattern:"^[0-9./a-fA-F]*$"`
}

// bulkMade is the answer to what was made.
type bulkMade struct {
	Range     string `json:"ip_range"`
	Pool      string `json:"pool"`
	Interface string `json:"interface"`
}

// madeInBulk describes the networks and subnets that are made here, and go with their last address. Those of others stay.
const madeInBulk = "Floating IPs that were made in bulk"

// createBulk makes addresses floating IPs of a pool, which is made if there is none. Into a subnet of the pool's in which
// they lie they go by its allocation pools, all but its gateway; others are a subnet of their own, without a gateway. As
// ever in Neutron a server gets one whose network's router has a gateway on the pool.
func (s *Service) createBulk(c *api.Call, in *bulkCreate) (bulkMade, error) {
	made := bulkMade{Range: in.Range, Pool: cmp.Or(in.Pool, defaultFloatingPool), Interface: cmp.Or(in.Interface, publicInterface)}
	wanted, cidr, err := bulkRange(in.Range)
	if err != nil {
		return made, err
	}
	// Read before the pools: of what the pools do not have then, it was deleted at Neutron's.
	stale, err := s.notedRanges(c.Context(), wanted)
	if err != nil {
		return made, err
	}
	p, err := s.floatingPools(c)
	if err == nil {
		err = p.refuseKnown(wanted)
	}
	if err != nil {
		return made, err
	}
	n := s.neutron(c)
	network, drop, err := s.makePool(c, made.Pool)
	if err != nil {
		return made, err
	}
	takeBack, err := p.add(n, network, wanted, cidr)
	if err != nil {
		drop()
		return made, inNovasWords(err)
	}
	err = s.Store.Update(c.Context(), func(tx store.Tx) error {
		if err := refuseNoted(tx, wanted, stale); err != nil {
			return err
		}
		return noteRange(tx, wanted, &floatingRange{wanted, made.Interface, uuid.NewString()})
	})
	if err != nil {
		takeBack()
		drop()
	}
	return made, err
}

// notedRanges are the requests that made floating IPs of such addresses.
func (s *Service) notedRanges(ctx context.Context, of addressRange) (requests map[string]bool, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		known, err := floatingRangeTable.All(tx)
		requests = map[string]bool{}
		for _, r := range known {
			requests[r.Request] = requests[r.Request] || r.overlaps(of)
		}
		return err
	})
	return requests, err
}

// refuseNoted refuses a range of which a request that is not stale made floating IPs: one that came at the same time, for
// another pool. Those of one pool Neutron keeps apart.
func refuseNoted(tx store.Tx, wanted addressRange, stale map[string]bool) error {
	known, err := floatingRangeTable.All(tx)
	for _, r := range known {
		if r.overlaps(wanted) && !stale[r.Request] {
			return floatingExists(r.within(wanted).Start)
		}
	}
	return err
}

func floatingExists(a netip.Addr) error { return api.Conflict("Floating IP %s already exists.", a) }

// refuseKnown refuses a range of which something is a floating IP already, in whatever pool.
func (p *floatingPools) refuseKnown(wanted addressRange) error {
	var known []netip.Addr
	for _, s := range p.subnets {
		for _, pool := range s.Pools {
			if pool.overlaps(wanted) {
				known = append(known, slices.MaxFunc([]netip.Addr{pool.Start, wanted.Start}, netip.Addr.Compare))
			}
		}
	}
	for a := range p.floating {
		if wanted.has(a) {
			known = append(known, a)
		}
	}
	if len(known) == 0 {
		return nil
	}
	return floatingExists(slices.MinFunc(known, netip.Addr.Compare))
}

// makePool is the id of the external network of that name, and how to be rid of it again if it was made for this and is
// nobody else's by then.
func (s *Service) makePool(c *api.Call, name string) (id string, drop func(), err error) {
	network, err := floatingPoolOf(s.neutron(c), name)
	if fault := api.AsFault(err); fault == nil || fault.Code != http.StatusNotFound {
		return network.ID, func() {}, err
	}
	if s.Networks == nil {
		return "", nil, errNoNetworks()
	}
	id, made, err := s.Networks.Pool(c.Context(), c.ProjectID(), name, madeInBulk)
	if err != nil || !made {
		return id, func() {}, err
	}
	return id, func() {
		n := s.neutron(lasting(c))
		if subnets, err := neutronSubnets.list(n, where("network_id", id)); err == nil && len(subnets) == 0 {
			_ = neutronNetworks.delete(n, id)
		}
	}, nil
}

// add makes the addresses ones that Neutron gives out on the network, and tells how to take that back.
func (p *floatingPools) add(n neutron, networkID string, wanted addressRange, cidr netip.Prefix) (takeBack func(), err error) {
	last := neutron{service: n.service, c: lasting(n.c)}
	for _, s := range p.subnets {
		if s.NetworkID != networkID || s.CIDR.Bits() > cidr.Bits() || !s.CIDR.Contains(cidr.Addr()) {
			continue
		}
		err := changePools(n, s.ID, func(pools []addressRange) []addressRange {
			return slices.Concat(pools, wanted.without(s.Gateway))
		})
		return func() {
			_ = changePools(last, s.ID, func(pools []addressRange) []addressRange { return except(pools, wanted) })
		}, err
	}
	made, err := neutronSubnets.create(n, object{
		"network_id": networkID, "ip_version": 4, "cidr": cidr.String(), "enable_dhcp": false, "gateway_ip": nil,
		"allocation_pools": []addressRange{wanted}, "description": madeInBulk,
	})
	return func() { _ = neutronSubnets.delete(last, made.ID) }, err
}

// deleteBulk takes addresses out of the pools, whatever pools they are in. As in Nova's database, those that projects
// have are no exception: they are taken from them, and from the servers that they lead to.
func (s *Service) deleteBulk(c *api.Call, in *bulkDelete) (string, error) {
	unwanted, _, err := bulkRange(in.Range)
	if err != nil {
		return "", err
	}
	p, err := s.floatingPools(c)
	if err != nil {
		return "", err
	}
	n := s.neutron(c)
	for _, subnet := range p.subnets { // first of all, so that none is given out meanwhile
		if err := subnet.shrink(n, unwanted); err != nil {
			return "", inNovasWords(err)
		}
	}
	for a, f := range p.floating {
		if !unwanted.has(a) {
			continue
		}
		if err := neutronFloatingIPs.delete(n, f.ID); err != nil && !isGone(err) {
			return "", inNovasWords(err)
		}
		if err := s.forgetAddress(c, f.Address); err != nil {
			return "", err
		}
	}
	if err := p.dropEmpty(n, unwanted); err != nil {
		return "", err
	}
	return in.Range, s.Store.Update(c.Context(), func(tx store.Tx) error { return noteRange(tx, unwanted, nil) })
}

// shrink takes addresses out of a subnet's pools.
func (sub neutronSubnet) shrink(n neutron, unwanted addressRange) error {
	if !slices.ContainsFunc(sub.Pools, unwanted.overlaps) {
		return nil
	}
	return changePools(n, sub.ID, func(pools []addressRange) []addressRange { return except(pools, unwanted) })
}

// dropEmpty deletes the subnets and the networks that were made here and whose last address has gone. Those that a router
// is on stay until they are made anew.
func (p *floatingPools) dropEmpty(n neutron, unwanted addressRange) error {
	for _, s := range p.subnets {
		if s.Description != madeInBulk || !slices.ContainsFunc(s.Pools, unwanted.overlaps) {
			continue
		}
		now, err := neutronSubnets.show(n, s.ID)
		if err == nil && len(now.Pools) > 0 {
			continue
		}
		if err == nil {
			err = neutronSubnets.delete(n.at(now.Revision), s.ID)
		}
		if err != nil && !isGone(err) && !inUse(err) {
			return inNovasWords(err)
		}
		others, err := neutronSubnets.list(n, where("network_id", s.NetworkID))
		if err != nil {
			return inNovasWords(err)
		}
		if len(others) > 0 || p.networks[s.NetworkID].Description != madeInBulk {
			continue
		}
		if err := neutronNetworks.delete(n, s.NetworkID); err != nil && !isGone(err) && !inUse(err) {
			return inNovasWords(err)
		}
	}
	return nil
}

// noteRange remembers what addresses were made for; nil forgets.
func noteRange(tx store.Tx, of addressRange, made *floatingRange) error {
	known, err := floatingRangeTable.All(tx)
	if err != nil {
		return err
	}
	for _, r := range known {
		if !r.overlaps(of) {
			continue
		}
		if err := floatingRangeTable.Delete(tx, r.Start.String()); err != nil {
			return err
		}
		for _, part := range except([]addressRange{r.addressRange}, of) {
			if err := floatingRangeTable.Put(tx, &floatingRange{part, r.Interface, r.Request}); err != nil {
				return err
			}
		}
	}
	if made == nil {
		return nil
	}
	return floatingRangeTable.Put(tx, made)
}
