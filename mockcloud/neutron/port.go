// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Port is a device's place on a network.
type Port struct {
	Standard
	Name           string        `json:"name"`
	NetworkID      string        `json:"network_id"`
	MACAddress     string        `json:"mac_address"`
	AdminStateUp   bool          `json:"admin_state_up"`
	Status         string        `json:"status"`
	DeviceID       string        `json:"device_id"`
	DeviceOwner    string        `json:"device_owner"`
	FixedIPs       []FixedIP     `json:"fixed_ips"`
	AddressPairs   []AddressPair `json:"allowed_address_pairs"`
	DHCPOptions    []DHCPOption  `json:"extra_dhcp_opts"`
	SecurityGroups []string      `json:"security_groups"`
	PortSecurity   bool          `json:"port_security_enabled"`
	DNSName        string        `json:"dns_name"`
	DNSDomain      string        `json:"dns_domain"`
	DNSAssignment  []object      `json:"dns_assignment"`
	VNICType       string        `json:"binding:vnic_type"`
	HostID         string        `json:"binding:host_id"     rule:"yes"`
	Profile        object        `json:"binding:profile"     rule:"yes"`
	VIFType        string        `json:"binding:vif_type"    rule:"yes"`
	VIFDetails     object        `json:"binding:vif_details" rule:"yes"`
	ResourceReq    object        `json:"resource_request"    rule:"yes" show:"null"` // always null: there is no QoS
	Trunk          *trunkDetails `json:"trunk_details" show:"set"`                   // of a trunk's parent
	Bindings       []Binding     `json:"bindings" show:"no"`                         // the inactive ones
	Plug           Plug          `json:"plug" show:"no"`
}

// Plug is what compute wants to know again of a port that it attached.
type Plug struct {
	Index   int    `json:"index"`   // the NIC's place among its server's
	Tag     string `json:"tag"`     // device tag
	Created bool   `json:"created"` // made for the server: it goes with it
	// Attached: compute has it. The device_id alone says nothing: users may write a server of somebody
	// else's there.
	Attached bool `json:"attached"`
}

// FixedIP is an address of a port.
type FixedIP struct {
	SubnetID  string     `json:"subnet_id"`
	IPAddress netip.Addr `json:"ip_address"`
}

// AddressPair is an address beside its own that a port may send from.
type AddressPair struct {
	IPAddress  string `json:"ip_address"  need:"2.0-"`
	MACAddress string `json:"mac_address" format:"mac"`
}

// DHCPOption is an option that DHCP gives to a port.
type DHCPOption struct {
	Name      string          `json:"opt_name"   need:"2.0-" len:"1-64"`
	Value     api.Opt[string] `json:"opt_value"  need:"2.0-" len:"1-255" null:"ok"`
	IPVersion api.Integer     `json:"ip_version" range:"4-6"`
}

type portFields struct {
	owner
	Name           api.Opt[string]         `json:"name" len:"0-255"`
	NetworkID      api.Opt[string]         `json:"network_id"  put:"no" format:"uuid"`
	MACAddress     api.Opt[string]         `json:"mac_address" format:"mac"`
	AdminStateUp   api.Opt[api.Boolean]    `json:"admin_state_up"`
	DeviceID       api.Opt[string]         `json:"device_id"    len:"0-255" null:"ok"`
	DeviceOwner    api.Opt[string]         `json:"device_owner" len:"0-255" null:"ok"`
	FixedIPs       api.Opt[[]fixedRequest] `json:"fixed_ips"             null:"ok"`
	AddressPairs   api.Opt[[]AddressPair]  `json:"allowed_address_pairs" null:"ok"`
	DHCPOptions    api.Opt[[]DHCPOption]   `json:"extra_dhcp_opts"       null:"ok"`
	SecurityGroups api.Opt[[]string]       `json:"security_groups"       null:"ok"`
	PortSecurity   api.Opt[api.Boolean]    `json:"port_security_enabled"`
	DNSName        api.Opt[string]         `json:"dns_name"   len:"0-255"`
	DNSDomain      api.Opt[string]         `json:"dns_domain" len:"0-255"`
	VNICType       api.Opt[string]         `json:"binding:vnic_type" oneof:"normal direct macvtap direct-physical baremetal virtio-forwarder smart-nic accelerator-direct accelerator-direct-physical remote-managed"`
	HostID         api.Opt[string]         `json:"binding:host_id" rule:"yes" len:"0-255" null:"ok"`
	Profile        api.Opt[map[string]any] `json:"binding:profile" rule:"yes" null:"ok"`
}

var portTable = &store.Table[Port]{
	Name: "neutron.ports",
	Key:  func(p *Port) string { return p.ID },
	Indexes: []store.Index[Port]{
		{Name: "network_id", Of: func(p *Port) []string { return []string{p.NetworkID} }},
		{Name: "device_id", Of: func(p *Port) []string { return []string{p.DeviceID} }},
		{Name: "project_id", Of: func(p *Port) []string { return []string{p.ProjectID} }},
		{Name: "security_groups", Of: func(p *Port) []string { return p.SecurityGroups }},
		{Name: "mac", Unique: true, Of: func(p *Port) []string { return []string{p.NetworkID + "/" + p.MACAddress} }},
		{Name: "subnet_id", Of: func(p *Port) []string { return distinct(p.FixedIPs, func(ip FixedIP) string { return ip.SubnetID }) }},
		{Name: "address", Unique: true, Of: func(p *Port) []string {
			return distinct(p.FixedIPs, func(ip FixedIP) string { return addressKey(ip.SubnetID, ip.IPAddress) })
		}},
	},
}

func distinct(ips []FixedIP, key func(FixedIP) string) []string {
	var all []string
	for _, ip := range ips {
		if k := key(ip); !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all
}

func portCollection() *collection[Port, portFields] {
	return collection[Port, portFields]{
		one: "port", many: "ports", path: "/ports", missing: PortNotFound, table: portTable,
		base:    func(p *Port) *Standard { return &p.Standard },
		project: func(f *portFields) owner { return f.owner },
		indexed: []string{"device_id", "network_id", "security_groups"},
		// Who owns a network sees all ports on it.
		shared: func(o *op, p *Port) bool {
			if p.ProjectID == o.identity.ProjectID {
				return false
			}
			n, err := networkTable.Get(o.tx, p.NetworkID)
			return err == nil && n.ProjectID == o.identity.ProjectID
		},
		create:   createPort,
		update:   updatePort,
		remove:   removePort,
		complete: completePort,
	}.ready()
}

func createPort(o *op, p *Port, in *portFields) error {
	n, err := o.networks.find(o, p.NetworkID)
	if err != nil {
		return err
	}
	if err := checkForeign(o, n, in); err != nil {
		return err
	}
	if slices.Contains(serviceOwners, p.DeviceOwner) {
		return invalidInput.of("device owner " + p.DeviceOwner + " is the service's own")
	}
	p.AdminStateUp = bool(orElse(in.AdminStateUp, true))
	p.PortSecurity = bool(orElse(in.PortSecurity, api.Boolean(n.PortSecurity))) && !p.trusted()
	p.VNICType = orElse(in.VNICType, "normal")
	if p.MACAddress == "" {
		p.MACAddress = newMAC(o.tx, n.ID)
	} else if err := p.checkMAC(o.tx); err != nil {
		return err
	}
	if err := p.address(o, n, in); err != nil {
		return err
	}
	if err := p.secure(o, in, p.PortSecurity && len(p.FixedIPs) > 0); err != nil {
		return err
	}
	p.bind()
	return portTable.Insert(o.tx, p)
}

// checkForeign refuses what only a network's owner may choose for a port on it.
func checkForeign(o *op, n *Network, in *portFields) error {
	if n.ProjectID == o.identity.ProjectID || o.admin() {
		return nil
	}
	chosen := slices.ContainsFunc(in.FixedIPs.Value, func(ip fixedRequest) bool { return ip.IPAddress.IsValid() })
	for attribute, set := range map[string]bool{
		"mac_address":           in.MACAddress.Set,
		"fixed_ips":             chosen,
		"port_security_enabled": in.PortSecurity.Set,
		"allowed_address_pairs": len(in.AddressPairs.Value) > 0,
		"device_owner":          strings.HasPrefix(in.DeviceOwner.Value, "network:"),
	} {
		if set {
			return notAuthorized.of("(create_port and create_port:" + attribute + ")")
		}
	}
	a, err := o.mine(n)
	if err == nil && !a.shared {
		err = notAuthorized.of("create_port")
	}
	return err
}

// newMAC is a MAC of OpenStack's own prefix that no port of the network has.
func newMAC(tx store.Tx, network string) string {
	for {
		var b [3]byte
		_, _ = rand.Read(b[:]) // never fails
		mac := fmt.Sprintf("fa:16:3e:%02x:%02x:%02x", b[0], b[1], b[2])
		if n, err := count(tx, portTable.Name, "mac", network+"/"+mac); err != nil || n == 0 {
			return mac
		}
	}
}

func (p *Port) checkMAC(tx store.Tx) error {
	hw, err := net.ParseMAC(p.MACAddress) // fa:16:3e:00:00:01, fa-16-3e-00-00-01 or fa16.3e00.0001
	if err != nil || hw[0]&1 != 0 || hw.String() == "00:00:00:00:00:00" {
		return invalidInput.of("'" + p.MACAddress + "' is not a valid MAC address of an interface")
	}
	p.MACAddress = hw.String()
	others, err := portTable.By(tx, "mac", p.NetworkID+"/"+p.MACAddress)
	if err == nil && len(others) > 0 && others[0].ID != p.ID {
		return macInUse.of(p.NetworkID, p.MACAddress)
	}
	return err
}

// address gives the port the addresses that the request asks for.
func (p *Port) address(o *op, n *Network, in *portFields) error {
	choice, err := o.allocation(n, p)
	if err != nil {
		return err
	}
	if in.FixedIPs.Set && !in.FixedIPs.Null {
		p.FixedIPs, err = choice.some(in.FixedIPs.Value)
	} else {
		p.FixedIPs, err = choice.any()
	}
	return err
}

// secure holds security groups and address pairs against port security; with none given, and where
// they can be, the port is in the project's default group.
func (p *Port) secure(o *op, in *portFields, byDefault bool) error {
	given := in.SecurityGroups.Set && !in.SecurityGroups.Null
	switch {
	case given && len(in.SecurityGroups.Value) > 0 && !p.PortSecurity:
		return portSecurityNeeded.of("")
	case given:
		slices.Sort(in.SecurityGroups.Value)
		p.SecurityGroups = slices.Compact(in.SecurityGroups.Value)
		for _, id := range p.SecurityGroups {
			g, err := o.groups.find(o, id)
			if err != nil {
				return err
			}
			if g.ProjectID != p.ProjectID && !o.admin() {
				return SecurityGroupNotFound.of(id)
			}
		}
	case byDefault:
		g, err := defaultGroup(o, p.ProjectID)
		if err != nil {
			return err
		}
		p.SecurityGroups = []string{g.ID}
	}
	if len(p.AddressPairs) > 0 && !p.PortSecurity {
		return pairsNeedSecurity.of("")
	}
	return p.checkPairs()
}

func (p *Port) checkPairs() error {
	if len(p.AddressPairs) > 10 {
		return Kind{400, "AddressPairsExhausted", "The number of allowed address pairs exceeds the maximum %d."}.of(10)
	}
	for i := range p.AddressPairs {
		pair := &p.AddressPairs[i]
		_, isPrefix := netip.ParsePrefix(pair.IPAddress)
		_, isAddress := netip.ParseAddr(pair.IPAddress)
		if isPrefix != nil && isAddress != nil {
			return httpBadRequest.of("Invalid input for allowed_address_pairs. Reason: '" + pair.IPAddress + "' is not a valid IP address or prefix.")
		}
		if pair.MACAddress == "" {
			pair.MACAddress = p.MACAddress
		}
		if slices.Contains(p.AddressPairs[:i], *pair) {
			return Kind{400, "DuplicateAddressPairInRequest", "Request contains duplicate address pair: mac_address %s ip_address %s."}.of(pair.MACAddress, pair.IPAddress)
		}
	}
	return nil
}

// bind says what follows from the host that the port is bound to.
func (p *Port) bind() {
	p.Status = "DOWN"
	p.VIFType, p.VIFDetails = vif(p.HostID)
	p.Bindings = slices.DeleteFunc(p.Bindings, func(b Binding) bool { return b.Host == p.HostID || p.DeviceID == "" })
	if (p.HostID != "" || p.trusted()) && p.AdminStateUp && (p.DeviceID != "" || p.DeviceOwner == ownerSubPort) {
		p.Status = "ACTIVE"
	}
}

func updatePort(o *op, now, before *Port, in *portFields) error {
	n, err := networkTable.Get(o.tx, now.NetworkID)
	if err != nil {
		return err
	}
	if err := checkForeign(o, n, in); err != nil {
		return err
	}
	if err := now.checkDevice(before); err != nil {
		return err
	}
	if now.MACAddress != before.MACAddress {
		if err := now.checkMAC(o.tx); err != nil {
			return err
		}
	}
	if in.FixedIPs.Set {
		now.FixedIPs = before.FixedIPs
		if err := now.address(o, n, in); err != nil {
			return err
		}
		if err := releaseFloating(o, before, now.FixedIPs); err != nil {
			return err
		}
	}
	now.DHCPOptions = mergeOptions(before.DHCPOptions, in.DHCPOptions)
	if in.SecurityGroups.Set && (in.SecurityGroups.Null || len(in.SecurityGroups.Value) == 0) {
		now.SecurityGroups = nil
	}
	if before.PortSecurity && !now.PortSecurity && len(now.SecurityGroups) > 0 {
		return securityHasGroups.of("")
	}
	if err := now.secure(o, in, false); err != nil {
		return err
	}
	if now.DeviceID != before.DeviceID {
		now.Plug = Plug{}
	}
	now.bind()
	o.note(before)
	o.note(now)
	return o.keep(now)
}

// mergeOptions applies changes to a port's DHCP options: null takes one away.
func mergeOptions(has []DHCPOption, changes api.Opt[[]DHCPOption]) []DHCPOption {
	merged := slices.Clone(has)
	for _, change := range changes.Value {
		merged = slices.DeleteFunc(merged, func(o DHCPOption) bool {
			return o.Name == change.Name && o.IPVersion == change.IPVersion
		})
		if !change.Value.Null {
			merged = append(merged, change)
		}
	}
	return merged
}

// removePort deletes a port, but not those that routers, floating IPs and trunks hold.
func removePort(o *op, p *Port) error {
	switch p.DeviceOwner {
	case OwnerInterface, OwnerGateway, ownerFloatingIP:
		return servicePortInUse.of(p.ID, p.DeviceOwner)
	}
	if err := o.checkUntrunked(p.ID); err != nil {
		return err
	}
	if err := releaseFloating(o, p, nil); err != nil {
		return err
	}
	o.note(p)
	return portTable.Delete(o.tx, p.ID)
}

func (p *Port) dropAddresses(subnet string) {
	p.FixedIPs = slices.DeleteFunc(p.FixedIPs, func(ip FixedIP) bool { return ip.SubnetID == subnet })
}

// DNSDomain is what names of ports end in.
const DNSDomain = "openstacklocal"

func completePort(o *op, p *Port) (err error) {
	if p.Trunk, err = o.trunkDetails(p); err != nil {
		return err
	}
	p.DNSAssignment = []object{}
	for _, ip := range p.FixedIPs {
		host := p.DNSName
		if host == "" {
			host = "host-" + strings.NewReplacer(".", "-", ":", "-").Replace(ip.IPAddress.String())
		}
		p.DNSAssignment = append(p.DNSAssignment, object{"hostname": host, "ip_address": ip.IPAddress, "fqdn": host + "." + DNSDomain + "."})
	}
	for i := range p.DHCPOptions {
		if p.DHCPOptions[i].IPVersion == 0 {
			p.DHCPOptions[i].IPVersion = 4
		}
	}
	return nil
}
