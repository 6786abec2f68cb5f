// SPDX-License-Identifier: MPL-2.0

// Package network is security groups and floating IPs, whoever keeps them: Neutron where the cloud's catalogue has it,
// else Nova by its proxies (os-security-groups, os-security-group-rules, os-floating-ips). Nova's API has these up to
// microversion 2.35; they are asked at 2.1, which every Nova offers.
package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// Proxied is whether the catalogue has no Neutron, so that Nova's proxies are asked.
func Proxied(c *client.Client) (bool, error) {
	_, proxied, err := neutron(c)
	return proxied, err
}

// neutron is a client of Neutron, or true where the catalogue has none.
func neutron(c *client.Client) (service *gophercloud.ServiceClient, none bool, err error) {
	service, err = c.Network()
	var missing *client.NoEndpointError
	if errors.As(err, &missing) {
		return nil, true, nil
	}
	return service, false, err
}

// Groups are the security groups that the user may use.
type Groups interface {
	// List are the groups with that name, all for "".
	List(ctx context.Context, name string) ([]Group, error)
	Get(ctx context.Context, id string) (*Group, error)
	// Create makes a group with the name, the description and the statefulness of g.
	Create(ctx context.Context, g Group) (*Group, error)
	// Update gives the group the name, the description and, unless nil, the statefulness of g.
	Update(ctx context.Context, g Group) error
	SetTags(ctx context.Context, id string, tags []string) error
	Delete(ctx context.Context, id string) error
	// Rule is the rule of that id.
	Rule(ctx context.Context, id string) (*Rule, error)
	AddRule(ctx context.Context, r Rule) (*Rule, error)
	DropRule(ctx context.Context, id string) error
}

// GroupsOf are the security groups of a cloud.
func GroupsOf(ctx context.Context, c *client.Client) (Groups, error) {
	service, proxied, err := neutron(c)
	if err != nil {
		return nil, err
	}
	if !proxied {
		return neutronGroups{service}, nil
	}
	service, err = c.At(ctx, 1)
	return proxiedGroups{service}, err
}

// Group is a security group.
type Group struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	ProjectID   string   `json:"project_id"`
	Stateful    *bool    `json:"stateful"` // nil where it is not told
	Tags        []string `json:"tags"`
	Rules       []Rule   `json:"security_group_rules"` // Nova's proxies know those for what comes in alone
}

// FloatingIPs are the floating IPs that the user may use.
type FloatingIPs interface {
	// List are the floating IPs with that address; all for "".
	List(ctx context.Context, address string) ([]FloatingIP, error)
	Get(ctx context.Context, id string) (*FloatingIP, error)
	// Like are those that are as Create makes them of f.
	Like(ctx context.Context, f FloatingIP) ([]FloatingIP, error)
	// Create takes one from a pool with the address or of the subnet, and with the description, that f has.
	Create(ctx context.Context, f FloatingIP) (*FloatingIP, error)
	Describe(ctx context.Context, id, description string) error
	SetTags(ctx context.Context, id string, tags []string) error
	Delete(ctx context.Context, id string) error
	// Pool is the external network of that name or id. Nova's proxies, which know names alone, ask for nothing.
	Pool(ctx context.Context, nameOrID string) (Pool, error)
	// Lead makes it lead to the target, wherever it led before.
	Lead(ctx context.Context, f *FloatingIP, to Target) error
	// Release makes it lead nowhere.
	Release(ctx context.Context, f *FloatingIP) error
}

// FloatingIPsOf are the floating IPs of a cloud.
func FloatingIPsOf(ctx context.Context, c *client.Client) (FloatingIPs, error) {
	service, proxied, err := neutron(c)
	if err != nil {
		return nil, err
	}
	if !proxied {
		return neutronFloating{service}, nil
	}
	service, err = c.At(ctx, 1)
	return proxiedFloating{service}, err
}

// Find is the floating IP with that address or id.
func Find(ctx context.Context, all FloatingIPs, addressOrID string) (*FloatingIP, error) {
	if _, err := netip.ParseAddr(addressOrID); err != nil {
		return all.Get(ctx, addressOrID)
	}
	found, err := all.List(ctx, addressOrID)
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, absent("There is no floating IP with the address " + addressOrID + ", or it is not of this project")
	case len(found) > 1:
		return nil, fmt.Errorf("%d floating IPs have the address %s: give the id of one", len(found), addressOrID)
	}
	return all.Get(ctx, found[0].ID) // lists may tell less of where it leads
}

// absent is the 404 that the cloud would answer, had it been asked for what was looked for in a list.
func absent(message string) error {
	body, _ := json.Marshal(map[string]any{"itemNotFound": map[string]any{"code": http.StatusNotFound, "message": message}})
	return gophercloud.ErrUnexpectedResponseCode{Method: http.MethodGet, Expected: []int{http.StatusOK}, Actual: http.StatusNotFound, Body: body}
}

// FloatingIP is an address of an external network that may lead to a server's.
type FloatingIP struct {
	ID          string
	Address     string
	Pool        Pool
	SubnetID    string // for Create only: it is not told afterwards
	Description string
	ProjectID   string // "" where it is not told
	Tags        []string
	Target      Target // what it leads to; nothing if FixedIP is ""
}

// Pool is an external network. Neutron tells the id, Nova's proxies the name.
type Pool struct{ ID, Name string }

// Target is what a floating IP leads to: an address of a port, which may be a server's. To lead to it, one of server
// and port is enough, and the address where there are several.
type Target struct{ ServerID, PortID, FixedIP string }
