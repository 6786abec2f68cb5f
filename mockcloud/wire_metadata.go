// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"cmp"
	"context"
	"hash/crc32"
	"net/http"
	"net/netip"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/metadata"
)

// configDrive makes the files of a server's config drive.
func (c *Cloud) configDrive(ctx context.Context, inst *compute.Instance, once compute.BootData) (map[string][]byte, error) {
	m, err := c.guestView(ctx, inst)
	if err != nil {
		return nil, err
	}
	m.AdminPass = once.AdminPassword
	for path, content := range once.Files {
		m.Files = append(m.Files, metadata.File{Path: path, Content: content})
	}
	slices.SortFunc(m.Files, func(a, b metadata.File) int { return cmp.Compare(a.Path, b.Path) })
	return metadata.Files(m), nil
}

// metadata answers the requests of one guest to 169.254.169.254.
func (c *Cloud) metadata(device string) http.Handler {
	return metadata.Handler(func(ctx context.Context) (metadata.Instance, error) {
		inst, err := c.Compute.Get(ctx, device)
		if compute.KindOf(err) == compute.NotFound || err == nil && !inst.Live() {
			return metadata.Instance{}, metadata.ErrNotFound
		}
		if err != nil {
			return metadata.Instance{}, err
		}
		return c.guestView(ctx, inst)
	}, func(ctx context.Context, encrypted string) error {
		taken, err := c.Compute.TakePassword(ctx, device, encrypted)
		switch {
		case compute.KindOf(err) == compute.NotFound:
			return metadata.ErrNotFound
		case err == nil && !taken:
			return metadata.ErrPasswordSet
		}
		return err
	})
}

// guestView is what a server is told about itself.
func (c *Cloud) guestView(ctx context.Context, inst *compute.Instance) (metadata.Instance, error) {
	m := metadata.Instance{
		UUID: inst.ID, Name: inst.Name, Hostname: inst.Hostname, ProjectID: inst.ProjectID, AvailabilityZone: inst.Zone,
		LaunchIndex: inst.LaunchIndex, Meta: inst.Metadata, Password: inst.EncryptedPassword, VendorData: c.vendorData,
		EC2: metadata.EC2{
			InstanceID: metadata.EC2ID("i", int(inst.Number)), ImageID: imageNumber(inst.ImageID), ReservationID: inst.ReservationID,
			FlavorName: inst.Flavor.Name, RootDevice: inst.RootDeviceName,
		},
	}
	if inst.KeyPair != nil {
		m.Key = metadata.Key{Name: inst.KeyPair.Name, Type: inst.KeyPair.Type, PublicKey: inst.KeyPair.PublicKey}
	}
	if inst.UserData != "" {
		data, err := api.DecodeBase64(inst.UserData)
		if err != nil {
			return m, err
		}
		m.UserData = data
	}
	for _, vif := range inst.VIFs {
		m.VIFs = append(m.VIFs, guestNIC(vif))
		for _, a := range vif.Addresses {
			noteAddress(&m.EC2, a)
		}
	}
	devices, err := c.Compute.Devices(ctx, inst)
	if err != nil {
		return m, err
	}
	noteDevices(&m, inst, devices)
	groups, err := c.Neutron.GroupNames(ctx, []string{inst.ID})
	m.EC2.SecurityGroups = groups[inst.ID]
	return m, err
}

// imageNumber is an image in the EC2 form. Nova counts the images that it has shown so; a sum of the id
// is as good, and needs no record.
func imageNumber(id string) string {
	return metadata.EC2ID("ami", int(crc32.ChecksumIEEE([]byte(id))))
}

// noteAddress keeps the first addresses, which are all that the EC2 form tells.
func noteAddress(ec2 *metadata.EC2, a compute.VIFAddress) {
	for _, first := range []struct {
		kind string
		at   *netip.Addr
	}{{"fixed", &ec2.FixedIP}, {"floating", &ec2.FloatingIP}} {
		if a.Type == first.kind && a.IP.Is4() && !first.at.IsValid() {
			*first.at = a.IP
		}
	}
}

func guestNIC(vif compute.VIF) metadata.VIF {
	nic := metadata.VIF{ID: vif.PortID, Type: "ovs", MAC: vif.MAC, NetworkID: vif.NetworkID, MTU: vif.MTU}
	for _, a := range vif.Addresses {
		if a.Type != "fixed" {
			continue
		}
		at := slices.IndexFunc(nic.Subnets, func(s metadata.Subnet) bool { return s.CIDR == a.Subnet.CIDR })
		if at < 0 {
			at = len(nic.Subnets)
			s := metadata.Subnet{CIDR: a.Subnet.CIDR, Gateway: a.Subnet.Gateway, DNS: a.Subnet.Nameservers, DHCP: a.Subnet.DHCP, DHCPServer: a.Subnet.DHCPPort}
			for _, route := range a.Subnet.Routes {
				s.Routes = append(s.Routes, metadata.Route{Destination: route.Destination, NextHop: route.NextHop})
			}
			nic.Subnets = append(nic.Subnets, s)
		}
		nic.Subnets[at].Addresses = append(nic.Subnets[at].Addresses, a.IP)
	}
	return nic
}
