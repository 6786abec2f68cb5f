// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"errors"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// SubnetPool is address space that subnets get theirs from. The prefix lengths are in bits, the quota in
// addresses (of IPv6, in /64) for each project.
type SubnetPool struct {
	Standard
	Name             string         `json:"name"`
	Prefixes         []netip.Prefix `json:"prefixes"`
	IPVersion        int            `json:"ip_version"`
	MinPrefixLen     int            `json:"min_prefixlen"`
	MaxPrefixLen     int            `json:"max_prefixlen"`
	DefaultPrefixLen int            `json:"default_prefixlen"`
	DefaultQuota     *int           `json:"default_quota"`
	Shared           bool           `json:"shared"`
	IsDefault        bool           `json:"is_default"`
	AddressScopeID   *string        `json:"address_scope_id"`
}

type subnetPoolFields struct {
	owner
	Name             api.Opt[string]         `json:"name" len:"1-255"`
	Prefixes         api.Opt[[]netip.Prefix] `json:"prefixes" format:"cidr"`
	MinPrefixLen     api.Opt[api.Integer]    `json:"min_prefixlen"     range:"0-128"`
	MaxPrefixLen     api.Opt[api.Integer]    `json:"max_prefixlen"     range:"0-128"`
	DefaultPrefixLen api.Opt[api.Integer]    `json:"default_prefixlen" range:"0-128"`
	DefaultQuota     api.Opt[api.Integer]    `json:"default_quota"     range:"0-2147483647" null:"ok"`
	Shared           api.Opt[api.Boolean]    `json:"shared"     put:"no" rule:"yes"`
	IsDefault        api.Opt[api.Boolean]    `json:"is_default" rule:"yes"`
	AddressScopeID   api.Opt[string]         `json:"address_scope_id" null:"ok" format:"uuid"`
}

var poolTable = &store.Table[SubnetPool]{
	Name: "neutron.subnetpools",
	Key:  func(p *SubnetPool) string { return p.ID },
	Indexes: []store.Index[SubnetPool]{
		{Name: "project_id", Of: func(p *SubnetPool) []string { return []string{p.ProjectID} }},
		{Name: "address_scope_id", Of: func(p *SubnetPool) []string { return unlessEmpty(orEmpty(p.AddressScopeID)) }},
	},
}

func poolCollection() *collection[SubnetPool, subnetPoolFields] {
	return collection[SubnetPool, subnetPoolFields]{
		one: "subnetpool", many: "subnetpools", path: "/subnetpools", missing: poolNotFound, table: poolTable,
		base:    func(p *SubnetPool) *Standard { return &p.Standard },
		project: func(f *subnetPoolFields) owner { return f.owner },
		shared:  func(_ *op, p *SubnetPool) bool { return p.Shared },
		create:  createPool,
		update:  updatePool,
		remove:  removePool,
	}.ready()
}

// The lengths that a pool's subnets may have unless it says otherwise.
var poolBounds = map[int]struct{ least, most int }{4: {8, 32}, 6: {64, 128}}

func createPool(o *op, p *SubnetPool, in *subnetPoolFields) error {
	for name, set := range map[string]bool{"name": in.Name.Set, "prefixes": len(p.Prefixes) > 0} {
		if !set {
			return httpBadRequest.of("Failed to parse request. Required attribute '" + name + "' not specified")
		}
	}
	p.IPVersion = 6
	if p.Prefixes[0].Addr().Is4() {
		p.IPVersion = 4
	}
	bounds := poolBounds[p.IPVersion]
	p.MinPrefixLen = int(orElse(in.MinPrefixLen, api.Integer(bounds.least)))
	p.MaxPrefixLen = int(orElse(in.MaxPrefixLen, api.Integer(bounds.most)))
	p.DefaultPrefixLen = int(orElse(in.DefaultPrefixLen, api.Integer(p.MinPrefixLen)))
	if err := p.check(o); err != nil {
		return err
	}
	return poolTable.Insert(o.tx, p)
}

// check holds prefixes and lengths against each other, and the pool against its scope.
func (p *SubnetPool) check(o *op) error {
	for i, prefix := range p.Prefixes {
		if prefix.Addr().Is4() != (p.IPVersion == 4) {
			return poolVersions.of()
		}
		p.Prefixes[i] = prefix.Masked()
	}
	p.Prefixes = joined(p.Prefixes)
	most := poolBounds[p.IPVersion].most
	switch {
	case p.MinPrefixLen > p.MaxPrefixLen:
		return poolBoundsWrong.of("min_prefixlen", p.MinPrefixLen, "max_prefixlen", p.MaxPrefixLen)
	case p.MaxPrefixLen > most:
		return poolBoundsWrong.of("max_prefixlen", p.MaxPrefixLen, "ip_version", p.IPVersion)
	case p.DefaultPrefixLen < p.MinPrefixLen:
		return poolBoundsWrong.of("default_prefixlen", p.DefaultPrefixLen, "min_prefixlen", p.MinPrefixLen)
	case p.DefaultPrefixLen > p.MaxPrefixLen:
		return poolBoundsWrong.of("default_prefixlen", p.DefaultPrefixLen, "max_prefixlen", p.MaxPrefixLen)
	}
	if p.IsDefault {
		if other, err := o.defaultPool(p.IPVersion, p.ID); err != nil || other != nil {
			return errors.Join(err, invalidInput.of("A default subnetpool for this IP family has already been set. Only one default may exist per IP family"))
		}
	}
	return p.checkScope(o)
}

// outermost are the prefixes that are within none of the others, in order.
func outermost(prefixes []netip.Prefix) []netip.Prefix {
	sorted := slices.SortedFunc(slices.Values(prefixes), func(a, b netip.Prefix) int {
		if c := a.Addr().Compare(b.Addr()); c != 0 {
			return c
		}
		return a.Bits() - b.Bits()
	})
	var kept []netip.Prefix
	for _, prefix := range sorted {
		if len(kept) == 0 || !kept[len(kept)-1].Overlaps(prefix) {
			kept = append(kept, prefix)
		}
	}
	return kept
}

func updatePool(o *op, now, before *SubnetPool, _ *subnetPoolFields) error {
	if err := now.check(o); err != nil {
		return err
	}
	for _, had := range before.Prefixes {
		if len(without(had, now.Prefixes)) > 0 {
			return poolPrefixes.of("Existing prefixes must be a subset of the new prefixes")
		}
	}
	return poolTable.Put(o.tx, now)
}

func removePool(o *op, p *SubnetPool) error {
	used, err := count(o.tx, subnetTable.Name, "subnetpool_id", p.ID)
	if err != nil {
		return err
	}
	if used > 0 {
		return poolInUse.of()
	}
	return poolTable.Delete(o.tx, p.ID)
}
