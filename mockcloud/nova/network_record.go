// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Networks is what nova-network did and Neutron's API has no words for: a project takes a network and leaves it again; what
// has a name is there once.
type Networks interface {
	// Owners are the projects of all networks, by the networks' ids; "" is nobody.
	Owners(ctx context.Context) (map[string]string, error)
	// Give makes a network of one project another's, "" being nobody; false when it is the first one's no more.
	Give(ctx context.Context, id, from, to string) (bool, error)
	// Group is the id of a project's security group of that name, which is made if there is none: one, whoever asks at
	// once.
	Group(ctx context.Context, project, name, description string) (id string, err error)
	// Pool is Group for external networks, and tells whether this made it.
	Pool(ctx context.Context, project, name, description string) (id string, made bool, err error)
}

// networkRecord is what nova-network knew of a network and Neutron does not. All else of it is Neutron's.
type networkRecord struct {
	ID                            string       // Neutron's
	CIDR, CIDRv6                  netip.Prefix // invalid: none
	Bridge, BridgeInterface, Host *string
	DHCPServer, DHCPStart         *string
	MultiHost, ShareAddress       *bool
	VLAN                          *int
	VPNPrivate, VPNPublic         *string
	VPNPort                       *int
	CreatedAt, UpdatedAt          time.Time
}

// Networks that Nova did not make have no record.
var networkTable = store.Table[networkRecord]{
	Name: "nova_networks",
	Key:  func(r *networkRecord) string { return r.ID },
}

// madeNetwork is a network that was made through Nova: its record, and what Neutron has of it.
type madeNetwork struct {
	*networkRecord
	subnets    map[int]neutronSubnet // by IP version
	dhcpServer string                // "": none
}

// neutronSubnet is what Nova reads of a subnet.
type neutronSubnet struct {
	ID          string         `json:"id"`
	NetworkID   string         `json:"network_id"`
	Description string         `json:"description"`
	IPVersion   int            `json:"ip_version"`
	CIDR        netip.Prefix   `json:"cidr"`
	Gateway     netip.Addr     `json:"gateway_ip"` // invalid: none
	EnableDHCP  bool           `json:"enable_dhcp"`
	DNS         []string       `json:"dns_nameservers"`
	Pools       []addressRange `json:"allocation_pools"`
	RAMode      *string        `json:"ipv6_ra_mode"`
	Revision    int            `json:"revision_number"`
}

var neutronSubnets = networkKind[neutronSubnet]{"subnet", "subnets", "/subnets"}

// changePools makes a subnet's allocation pools what change makes of them. It is asked anew when somebody else has
// changed the subnet meanwhile, so that nobody's change is lost.
func changePools(n neutron, subnet string, change func([]addressRange) []addressRange) error {
	for {
		now, err := neutronSubnets.show(n, subnet)
		if err != nil {
			return err
		}
		_, err = neutronSubnets.update(n.at(now.Revision), subnet, object{"allocation_pools": change(now.Pools)})
		if !hasStatus(err, http.StatusPreconditionFailed) {
			return err
		}
	}
}

// ownerDHCP is Neutron's device_owner of a network's DHCP port.
const ownerDHCP = "network:dhcp"

func (s *Service) networkRecords(ctx context.Context) (records map[string]*networkRecord, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		rows, err := networkTable.All(tx)
		records = make(map[string]*networkRecord, len(rows))
		for _, r := range rows {
			records[r.ID] = r
		}
		return err
	})
	return records, err
}

// made is what there is of those of the networks that were made through Nova.
func (s *Service) made(c *api.Call, networks ...neutronNetwork) (map[string]*madeNetwork, error) {
	records, err := s.networkRecords(c.Context())
	if err != nil {
		return nil, err
	}
	made := map[string]*madeNetwork{}
	for _, n := range networks {
		if r := records[n.ID]; r != nil {
			made[n.ID] = &madeNetwork{networkRecord: r, subnets: map[int]neutronSubnet{}}
		}
	}
	if len(made) == 0 {
		return made, nil
	}
	return made, s.readParts(c, made)
}

// readParts fills in what Neutron has of the networks.
func (s *Service) readParts(c *api.Call, made map[string]*madeNetwork) error {
	ids := slices.Sorted(maps.Keys(made))
	subnets, err := neutronSubnets.list(s.neutron(c), where("network_id", ids...))
	if err != nil {
		return inNovasWords(err)
	}
	for _, sub := range subnets {
		if _, more := made[sub.NetworkID].subnets[sub.IPVersion]; !more { // somebody may have added to it at Neutron's
			made[sub.NetworkID].subnets[sub.IPVersion] = sub
		}
	}
	filters := where("network_id", ids...)
	filters.Set("device_owner", ownerDHCP)
	servers, err := neutronPorts.list(s.neutron(c), filters)
	if err != nil {
		return inNovasWords(err)
	}
	for _, p := range servers {
		m := made[p.NetworkID]
		for _, ip := range p.FixedIPs {
			if ip.SubnetID == m.subnets[4].ID {
				m.dhcpServer = ip.IPAddress
			}
		}
	}
	return nil
}

// errNetworkNotFound is what Nova says of a network that is not there, whatever its id.
func errNetworkNotFound() error { return api.NotFound("Network not found") }

// neutronNetwork is the network of that id, if the caller sees it.
func (s *Service) neutronNetwork(c *api.Call, id string) (neutronNetwork, error) {
	n, err := neutronNetworks.show(s.neutron(c), id)
	return n, inNovasWords(err, networkWords{status: http.StatusNotFound, code: http.StatusNotFound, message: "Network not found"})
}

// ownNetwork is a network that was made through Nova, whose ways nova-network's operations know; of Neutron's own
// they say, as ever since Neutron is behind Nova, that they cannot.
func (s *Service) ownNetwork(c *api.Call, id string) (neutronNetwork, error) {
	n, err := s.neutronNetwork(c, id)
	if err != nil {
		return n, err
	}
	err = s.Store.View(c.Context(), func(tx store.Tx) error {
		_, err := networkTable.Get(tx, n.ID)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return n, errNotSupported()
	}
	return n, err
}

func errNotSupported() error {
	return api.NewFault(http.StatusNotImplemented, "The requested functionality is not supported.")
}

// networksInUse are the records of networks that are there yet: what was deleted at Neutron's leaves its record
// behind. The records are read before the owners, so that none of a network just made is taken for such.
func (s *Service) networksInUse(ctx context.Context) (records, left map[string]*networkRecord, owners map[string]string, err error) {
	if s.Networks == nil {
		return nil, nil, nil, errNoNetworks()
	}
	if records, err = s.networkRecords(ctx); err != nil {
		return nil, nil, nil, err
	}
	if owners, err = s.Networks.Owners(ctx); err != nil {
		return nil, nil, nil, err
	}
	left = map[string]*networkRecord{}
	for id, r := range records {
		if _, there := owners[id]; !there {
			left[id] = r
			delete(records, id)
		}
	}
	return records, left, owners, nil
}
