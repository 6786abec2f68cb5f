// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"context"
	"errors"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// NIC is an interface as a user asks for it: on a network, or by a port that exists.
type NIC struct {
	Auto      bool // on the project's network, which is made where there is none; alone
	NetworkID string
	PortID    string
	FixedIP   netip.Addr // invalid: any
	Tag       string
}

// Device is what ports are attached to.
type Device struct {
	ID       string // the server's
	Owner    string // "compute:ZONE"
	Host     string
	Hostname string // the DNS name of the ports that are made for it
}

// Resolve checks what a user asks for, for count servers, and changes nothing: networks and ports that
// are there and the caller's, ports and addresses that are free, groups that exist, quota. Without any
// NICs, or with an automatic one, it chooses the project's only network, NetworkAmbiguous if there are
// several; where there is none it gives no NIC, the automatic one or, when one must be had, NoNetwork.
func (s *Service) Resolve(ctx context.Context, caller Caller, nics []NIC, must bool, groups []string, servers int) (out []NIC, err error) {
	err = s.viewAs(ctx, caller.identity(), func(o *op) error {
		if out, err = o.resolve(caller, nics, must, servers); err != nil {
			return err
		}
		for _, name := range groups {
			if name == defaultName { // is there as soon as a port needs it
				continue
			}
			if _, err := o.groupBy(caller.ProjectID, name); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

func (o *op) resolve(caller Caller, nics []NIC, must bool, servers int) ([]NIC, error) {
	auto := len(nics) == 1 && nics[0].Auto
	if len(nics) == 0 || auto {
		n, err := o.only(caller.ProjectID)
		switch {
		case err != nil:
			return nil, err
		case n != nil:
			nics = []NIC{{NetworkID: n.ID}}
		case auto:
			if _, _, err := o.autoRequirements(); autoFailure.Is(err) {
				return nil, NoNetwork.of(caller.ProjectID)
			} else if err != nil {
				return nil, err
			}
		case must:
			return nil, NoNetwork.of(caller.ProjectID)
		default:
			return nil, nil
		}
	}
	wanted := 0
	for i, nic := range nics {
		if nic.PortID == "" {
			wanted += servers
		}
		if err := o.checkNIC(nic, nics[:i]); err != nil {
			return nil, err
		}
	}
	usage, err := o.usage(caller.ProjectID)
	if err != nil {
		return nil, err
	}
	if ports := usage["port"]; wanted > 0 && ports.Limit >= 0 && ports.Used+wanted > ports.Limit {
		return nil, OverQuota.of("port")
	}
	return nics, nil
}

// only is the one network that a project can use, nil for none.
func (o *op) only(project string) (*Network, error) {
	choice, err := o.available(project)
	switch {
	case err != nil || len(choice) == 0:
		return nil, err
	case len(choice) > 1:
		return nil, NetworkAmbiguous.of("")
	}
	return choice[0], nil
}

func (o *op) checkNIC(nic NIC, before []NIC) error {
	if nic.Auto {
		return nil
	}
	if nic.PortID != "" {
		for _, other := range before {
			if other.PortID == nic.PortID {
				return PortInUse.of(nic.PortID, nic.NetworkID, "of the same request")
			}
		}
		_, err := o.freePort(nic.PortID)
		return err
	}
	n, err := o.networks.find(o, nic.NetworkID)
	if err != nil {
		return err
	}
	if err := completeNetwork(o, n); err != nil {
		return err
	}
	if n.External && !n.Shared && !o.admin() {
		return ExternalForbidden.of(n.ID)
	}
	if len(n.Subnets) == 0 {
		return NetworkRequiresSubnet.of(n.ID)
	}
	if !nic.FixedIP.IsValid() {
		return nil
	}
	choice, err := o.allocation(n, &Port{})
	if err == nil {
		_, err = choice.some([]fixedRequest{{IPAddress: nic.FixedIP}})
	}
	return err
}

// freePort is a port that the caller may attach.
func (o *op) freePort(id string) (*Port, error) {
	p, err := o.ports.find(o, id)
	switch {
	case err != nil:
		return nil, err
	case p.ProjectID != o.identity.ProjectID && !o.admin():
		return nil, PortNotUsable.of(id)
	case p.DeviceID != "":
		return nil, PortInUse.of(p.ID, p.NetworkID, p.DeviceID)
	case len(p.FixedIPs) == 0 && p.PortSecurity:
		return nil, PortNeedsAddress.of(id)
	}
	return p, o.checkNoSubPort(p)
}

// Attach gives a device its NICs: ports are made, in the security groups of those ids or names, or
// taken. All of them or, on an error, none. They come after those that the device has already.
func (s *Service) Attach(ctx context.Context, caller Caller, device Device, nics []NIC, groups []string) (list []*Attachment, err error) {
	err = s.updateAs(ctx, caller.identity(), func(o *op) error {
		list = nil
		has, err := o.devicePorts(device.ID)
		if err != nil {
			return err
		}
		next := 0
		for _, a := range has {
			next = max(next, a.Port.Plug.Index+1)
		}
		for i, nic := range nics {
			p, err := o.attach(device, nic, groups)
			if err != nil {
				return err
			}
			p.DeviceID, p.DeviceOwner, p.HostID = device.ID, device.Owner, device.Host
			p.Plug = Plug{Index: next + i, Tag: nic.Tag, Created: nic.PortID == "", Attached: true}
			p.bind()
			o.ports.touch(o, p)
			if err := o.keep(p); err != nil {
				return err
			}
			a, err := o.attachment(p)
			if err != nil {
				return err
			}
			list = append(list, a)
		}
		return nil
	})
	return list, err
}

func (o *op) attach(device Device, nic NIC, groups []string) (*Port, error) {
	if nic.PortID != "" {
		return o.freePort(nic.PortID)
	}
	n, err := o.networkFor(nic)
	if err != nil {
		return nil, err
	}
	in := &portFields{NetworkID: api.Some(n.ID), DNSName: api.Some(device.Hostname)}
	if nic.FixedIP.IsValid() {
		in.FixedIPs = api.Some([]fixedRequest{{IPAddress: nic.FixedIP}})
	}
	if n.PortSecurity && len(groups) > 0 {
		ids := make([]string, len(groups))
		for i, name := range groups {
			g, err := o.groupBy(o.identity.ProjectID, name)
			if err != nil {
				return nil, err
			}
			ids[i] = g.ID
		}
		in.SecurityGroups = api.Some(ids)
	}
	// A server on a shared network may have the address that its user asks Nova for: Nova acts as an
	// administrator here.
	project := o.identity
	defer func() { o.identity = project }()
	o.identity = Caller{UserID: project.UserID, ProjectID: project.ProjectID, Admin: true}.identity()
	return o.ports.make(o, in)
}

// networkFor is the network that a port for the NIC is to be on.
func (o *op) networkFor(nic NIC) (*Network, error) {
	if !nic.Auto {
		return o.networks.find(o, nic.NetworkID)
	}
	project := o.identity.ProjectID
	n, err := o.only(project)
	if err == nil && n == nil {
		n, err = o.topology(project)
	}
	if autoFailure.Is(err) || OverQuota.Is(err) {
		err = NoNetwork.of(project)
	}
	return n, err
}

// Detach takes one port off its device: deleted if it was made for it, free again if not. Nil when
// there is no such port.
func (s *Service) Detach(ctx context.Context, portID string) error {
	return s.updateAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		p, err := portTable.Get(o.tx, portID)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return o.detach(p)
	})
}

// DetachAll is Detach for every port of a device.
func (s *Service) DetachAll(ctx context.Context, deviceID string) error {
	if deviceID == "" {
		return nil
	}
	return s.updateAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		found, err := o.attached(deviceID)
		if err != nil {
			return err
		}
		for _, p := range found {
			if err := o.detach(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// attached are the ports that compute has given to a device.
func (o *op) attached(deviceID string) ([]*Port, error) {
	found, err := portTable.By(o.tx, "device_id", deviceID)
	return slices.DeleteFunc(found, func(p *Port) bool { return !p.Plug.Attached }), err
}

func (o *op) detach(p *Port) error {
	_, as, err := o.trunkOf(p.ID)
	if err != nil {
		return err
	}
	if p.Plug.Created && as == asNothing { // a trunk keeps its parent
		return removePort(o, p)
	}
	p.DeviceID, p.DeviceOwner, p.HostID, p.Profile, p.Plug = "", "", "", nil, Plug{}
	p.bind()
	o.ports.touch(o, p)
	return o.keep(p)
}

// Bind says that a device's ports are on that host now; "" unbinds them.
func (s *Service) Bind(ctx context.Context, deviceID, host string) error {
	return s.updateAs(ctx, Caller{Admin: true}.identity(), func(o *op) error {
		found, err := o.attached(deviceID)
		if err != nil {
			return err
		}
		for _, p := range found {
			p.HostID = host
			p.bind()
			o.ports.touch(o, p)
			if err := o.keep(p); err != nil {
				return err
			}
		}
		return nil
	})
}
