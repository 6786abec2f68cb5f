// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// secured is a server with two interfaces that Nova made, whose groups others change.
type secured struct {
	*connected
	ids   map[string]string // of the groups, by name
	made  [2]string         // ports
	given string            // a port, or ""
}

// gives gives a port the groups.
func (c *secured) gives(port string, names ...string) {
	c.t.Helper()
	ids := []string{}
	for _, name := range names {
		ids = append(ids, c.ids[name])
	}
	service, err := c.Client.Network()
	if err == nil {
		err = ports.Update(c.t.Context(), service, port, ports.UpdateOpts{SecurityGroups: &ids}).Err
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// have checks that the ports which Nova made have the one group alone, and that the given one has kept its two.
func (c *secured) have(group string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		service, err := c.Client.Network()
		if err != nil {
			return err
		}
		for _, id := range append(c.made[:], c.given) {
			want := []string{c.ids[group]}
			switch id {
			case "":
				continue
			case c.given:
				want = []string{c.ids[group], c.ids["default"]}
			}
			found, err := ports.Get(c.t.Context(), service, id).Extract()
			if err != nil || !slices.Equal(slices.Sorted(slices.Values(found.SecurityGroups)), slices.Sorted(slices.Values(want))) {
				return fmt.Errorf("port %s has the groups %v: %w", id, found.SecurityGroups, err)
			}
		}
		return nil
	}
}

func (c *secured) list() {
	c.t.Helper()
	service, err := c.Client.Network()
	if err != nil {
		c.t.Fatal(err)
	}
	pages, err := groups.List(service, groups.ListOpts{}).AllPages(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	all, err := groups.ExtractGroups(pages)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, group := range all {
		c.ids[group.Name] = group.ID
	}
}

// TestAccServerSecurityGroupsOfPorts: that one of the server's interfaces lacks a group, or has one beside, is seen whatever
// the others have, and mended. A port that was given has what it has.
func TestAccServerSecurityGroupsOfPorts(t *testing.T) {
	t.Parallel()
	for name, withGiven := range map[string]bool{"made": false, "made and given": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &secured{connected: &connected{Target: acctest.Alone(t), t: t}, ids: map[string]string{}}
			network, group := c.Network(t), c.SecurityGroup(t)
			c.list()
			uuid := fmt.Sprintf("uuid = %q", network)
			networks := []string{uuid, uuid}
			if withGiven {
				c.given = c.Port(t, network)
				c.gives(c.given, group, "default")
				networks = append(networks, fmt.Sprintf("port = %q", c.given))
			}
			config := c.config(fmt.Sprintf("security_groups = [%q]", group), networks...)
			drift := func(change func()) resource.TestStep {
				return resource.TestStep{
					PreConfig: change, Config: config, ConfigPlanChecks: does(plancheck.ResourceActionUpdate), Check: c.have(group),
					ConfigStateChecks: []statecheck.StateCheck{value("security_groups", knownvalue.SetExact([]knownvalue.Check{knownvalue.StringExact(group)}))},
				}
			}
			c.Test(t, resource.TestCase{
				CheckDestroy: destroyed(c.Target, t),
				Steps: []resource.TestStep{
					{Config: config, Check: resource.ComposeTestCheckFunc(
						learn("networks.0.port_id", &c.made[0]), learn("networks.1.port_id", &c.made[1]))},
					drift(func() { c.gives(c.made[1]) }),
					drift(func() { c.gives(c.made[0], group, "default") }),
					{Config: config, ConfigPlanChecks: does(plancheck.ResourceActionNoop), Check: c.have(group)},
				},
			})
		})
	}
}
