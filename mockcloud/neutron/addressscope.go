// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// AddressScope is a set of subnet pools whose addresses are told apart.
type AddressScope struct {
	Standard
	Name      string `json:"name"`
	IPVersion int    `json:"ip_version"`
	Shared    bool   `json:"shared"`
}

type scopeFields struct {
	owner
	Name      api.Opt[string]      `json:"name" len:"1-255"`
	IPVersion api.Opt[api.Integer] `json:"ip_version" put:"no" range:"4-6"`
	Shared    api.Opt[api.Boolean] `json:"shared" rule:"yes"`
}

var scopeTable = &store.Table[AddressScope]{
	Name: "neutron.address_scopes",
	Key:  func(s *AddressScope) string { return s.ID },
	Indexes: []store.Index[AddressScope]{
		{Name: "project_id", Of: func(s *AddressScope) []string { return []string{s.ProjectID} }},
	},
}

func scopeCollection() *collection[AddressScope, scopeFields] {
	return collection[AddressScope, scopeFields]{
		one: "address_scope", many: "address_scopes", path: "/address-scopes", missing: scopeNotFound, table: scopeTable,
		base:    func(s *AddressScope) *Standard { return &s.Standard },
		project: func(f *scopeFields) owner { return f.owner },
		without: []string{"description", "tags", "created_at", "updated_at", "revision_number"},
		shared:  func(_ *op, s *AddressScope) bool { return s.Shared },
		create: func(o *op, s *AddressScope, in *scopeFields) error {
			if !in.Name.Set || s.IPVersion != 4 && s.IPVersion != 6 {
				return httpBadRequest.of("Failed to parse request. Required attributes 'name' and 'ip_version' not specified")
			}
			return scopeTable.Insert(o.tx, s)
		},
		update: func(o *op, now, before *AddressScope, _ *scopeFields) error {
			if before.Shared && !now.Shared {
				return Kind{400, "AddressScopeUpdateError", "Unable to update address scope %s : Shared address scope can't be unshared."}.of(now.ID)
			}
			return scopeTable.Put(o.tx, now)
		},
		remove: func(o *op, s *AddressScope) error {
			used, err := count(o.tx, poolTable.Name, "address_scope_id", s.ID)
			if err != nil {
				return err
			}
			if used > 0 {
				return Kind{409, "AddressScopeInUse", "Unable to complete operation on address scope %s. There are one or more subnet pools in use on the address scope."}.of(s.ID)
			}
			return scopeTable.Delete(o.tx, s.ID)
		},
	}.ready()
}

// checkScope holds a pool against the scope that it is to be in.
func (p *SubnetPool) checkScope(o *op) error {
	if p.AddressScopeID == nil {
		return nil
	}
	s, err := o.scopes.find(o, *p.AddressScopeID)
	switch {
	case err != nil:
		return err
	case s.IPVersion != p.IPVersion:
		return Kind{
			400, "IllegalSubnetPoolIpVersionAssociationToAddressScope",
			"Illegal subnetpool association: subnetpool %s cannot associate with address scope %s because subnetpool ip_version is not %d.",
		}.of(p.ID, s.ID, s.IPVersion)
	}
	others, err := poolTable.By(o.tx, "address_scope_id", s.ID)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != p.ID && overlapping(other.Prefixes, p.Prefixes) {
			return Kind{400, "AddressScopePrefixConflict", "Failed to associate address scope: subnetpools within an address scope must have unique prefixes."}.of()
		}
	}
	return nil
}
