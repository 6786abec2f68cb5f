// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// FloatingIP is an address of an external network that leads to a port's fixed one.
type FloatingIP struct {
	Standard
	NetworkID    string     `json:"floating_network_id"`
	Address      netip.Addr `json:"floating_ip_address"`
	FixedIP      netip.Addr `json:"fixed_ip_address"`
	PortID       string     `json:"port_id"   show:"null"`
	RouterID     string     `json:"router_id" show:"null"`
	Status       string     `json:"status"`
	DNSName      string     `json:"dns_name"`
	DNSDomain    string     `json:"dns_domain"`
	PortDetails  object     `json:"port_details" show:"null"`
	Forwardings  []object   `json:"port_forwardings"`
	ExternalPort string     `json:"external_port" show:"no"`
}

type floatingFields struct {
	owner
	NetworkID api.Opt[string]     `json:"floating_network_id" put:"no" format:"uuid"`
	Address   api.Opt[netip.Addr] `json:"floating_ip_address" put:"no" rule:"yes" null:"ok" format:"ipv4"`
	SubnetID  api.Opt[string]     `json:"subnet_id" put:"no" null:"ok" format:"uuid"`
	PortID    api.Opt[string]     `json:"port_id" null:"ok"`
	FixedIP   api.Opt[netip.Addr] `json:"fixed_ip_address" null:"ok" format:"ipv4"`
	DNSName   api.Opt[string]     `json:"dns_name"   put:"no"`
	DNSDomain api.Opt[string]     `json:"dns_domain" put:"no"`
}

var floatingTable = &store.Table[FloatingIP]{
	Name: "neutron.floatingips",
	Key:  func(f *FloatingIP) string { return f.ID },
	Indexes: []store.Index[FloatingIP]{
		{Name: "project_id", Of: func(f *FloatingIP) []string { return []string{f.ProjectID} }},
		{Name: "port_id", Of: func(f *FloatingIP) []string { return unlessEmpty(f.PortID) }},
		{Name: "router_id", Of: func(f *FloatingIP) []string { return unlessEmpty(f.RouterID) }},
	},
}

func unlessEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func floatingCollection() *collection[FloatingIP, floatingFields] {
	return collection[FloatingIP, floatingFields]{
		one: "floatingip", many: "floatingips", path: "/floatingips", missing: floatingIPNotFound, table: floatingTable,
		base:     func(f *FloatingIP) *Standard { return &f.Standard },
		project:  func(f *floatingFields) owner { return f.owner },
		indexed:  []string{"port_id", "router_id"},
		create:   createFloating,
		update:   updateFloating,
		remove:   removeFloating,
		complete: completeFloating,
	}.ready()
}

func createFloating(o *op, f *FloatingIP, in *floatingFields) error {
	n, err := o.networks.find(o, f.NetworkID)
	if err != nil {
		return err
	}
	if !n.External {
		return notExternal.of(n.ID)
	}
	p := o.servicePort(n, ownerFloatingIP, f.ID, "")
	choice, err := o.allocation(n, p)
	if err != nil {
		return err
	}
	choice.subnets = slices.DeleteFunc(choice.subnets, func(s *Subnet) bool { return s.IPVersion != 4 })
	if in.Address.Value.IsValid() || in.SubnetID.Value != "" {
		p.FixedIPs, err = choice.some([]fixedRequest{{SubnetID: in.SubnetID.Value, IPAddress: in.Address.Value}})
	} else {
		p.FixedIPs, err = choice.any()
	}
	if err != nil {
		return err
	}
	if len(p.FixedIPs) == 0 {
		return badRequest.of("floatingip", "Network "+n.ID+" does not contain any IPv4 subnet")
	}
	if err := portTable.Insert(o.tx, p); err != nil {
		return err
	}
	f.Address, f.ExternalPort = p.FixedIPs[0].IPAddress, p.ID
	if err := f.associate(o, in.FixedIP.Value); err != nil {
		return err
	}
	return floatingTable.Insert(o.tx, f)
}

func updateFloating(o *op, now, before *FloatingIP, in *floatingFields) error {
	if in.FixedIP.Set && !in.FixedIP.Null && !in.PortID.Set && before.PortID == "" {
		return badRequest.of("floatingip", "fixed_ip_address cannot be specified without a port_id")
	}
	if in.PortID.Set || in.FixedIP.Set {
		if err := now.associate(o, in.FixedIP.Value); err != nil {
			return err
		}
		if err := o.notePort(before.PortID); err != nil {
			return err
		}
	}
	return floatingTable.Put(o.tx, now)
}

// associate leads the floating IP to its PortID, or nowhere when that is empty. fixed is which of the
// port's addresses; invalid for its first.
func (f *FloatingIP) associate(o *op, fixed netip.Addr) error {
	f.FixedIP, f.RouterID, f.Status = netip.Addr{}, "", "DOWN"
	if f.PortID == "" {
		if fixed.IsValid() {
			return badRequest.of("floatingip", "fixed_ip_address cannot be specified without a port_id")
		}
		return nil
	}
	p, err := o.ports.find(o, f.PortID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(p.FixedIPs, func(ip FixedIP) bool {
		return ip.IPAddress == fixed || !fixed.IsValid() && ip.IPAddress.Is4()
	})
	if at < 0 {
		return badRequest.of("floatingip", "Port "+p.ID+" does not have such a fixed IPv4 address")
	}
	f.FixedIP = p.FixedIPs[at].IPAddress
	others, err := floatingTable.By(o.tx, "port_id", p.ID)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.ID != f.ID && other.FixedIP == f.FixedIP && other.NetworkID == f.NetworkID {
			return alreadyAssociated.of(f.Address, p.ID, f.FixedIP, f.NetworkID)
		}
	}
	f.RouterID, err = o.routerBetween(p.FixedIPs[at].SubnetID, f.NetworkID)
	if err != nil {
		return err
	}
	if f.RouterID == "" {
		return externalUnreachable.of(f.NetworkID, p.FixedIPs[at].SubnetID, p.ID)
	}
	f.Status = "ACTIVE"
	o.note(p)
	return nil
}

// routerBetween is the router from a subnet to an external network, or "".
func (o *op) routerBetween(subnet, external string) (string, error) {
	near, err := portTable.By(o.tx, "subnet_id", subnet)
	if err != nil {
		return "", err
	}
	for _, p := range near {
		if p.DeviceOwner != OwnerInterface {
			continue
		}
		r, err := routerTable.Get(o.tx, p.DeviceID)
		if err != nil {
			return "", err
		}
		if r.Gateway != nil && r.Gateway.NetworkID == external {
			return r.ID, nil
		}
	}
	return "", nil
}

func removeFloating(o *op, f *FloatingIP) error {
	if err := o.notePort(f.PortID); err != nil {
		return err
	}
	if err := portTable.Delete(o.tx, f.ExternalPort); err != nil {
		return err
	}
	return floatingTable.Delete(o.tx, f.ID)
}

// idleFloating reports whether the port is that of a floating IP which leads nowhere.
func idleFloating(o *op, p *Port) (bool, error) {
	if p.DeviceOwner != ownerFloatingIP {
		return false, nil
	}
	f, err := floatingTable.Get(o.tx, p.DeviceID)
	return err == nil && f.PortID == "", err
}

// releaseFloating takes floating IPs off a port whose addresses are but kept from now on.
func releaseFloating(o *op, p *Port, kept []FixedIP) error {
	floating, err := floatingTable.By(o.tx, "port_id", p.ID)
	if err != nil {
		return err
	}
	for _, f := range floating {
		if slices.ContainsFunc(kept, func(ip FixedIP) bool { return ip.IPAddress == f.FixedIP }) {
			continue
		}
		f.PortID = ""
		if err := f.associate(o, netip.Addr{}); err != nil {
			return err
		}
		if err := floatingTable.Put(o.tx, f); err != nil {
			return err
		}
	}
	return nil
}

func completeFloating(o *op, f *FloatingIP) error {
	f.Forwardings = []object{}
	if f.PortID == "" {
		return nil
	}
	p, err := portTable.Get(o.tx, f.PortID)
	if err != nil {
		return err
	}
	f.PortDetails = object{
		"name": p.Name, "network_id": p.NetworkID, "mac_address": p.MACAddress, "admin_state_up": p.AdminStateUp,
		"status": p.Status, "device_id": p.DeviceID, "device_owner": p.DeviceOwner,
	}
	return nil
}
