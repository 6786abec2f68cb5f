// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/extensions/security/groups"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/hashicorp/terraform-plugin-testing/compare"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// connected is a server with interfaces.
type connected struct {
	*acctest.Target
	t  *testing.T
	id string
}

// config is the server with these networks; each is an object without its braces.
func (c *connected) config(more string, networks ...string) string {
	return fmt.Sprintf(`
resource "nova_server" "test" {
  name      = "connected"
  image_id  = %q
  flavor_id = %q
  networks  = [%s]
%s
}
`, c.Image(c.t), c.Flavor(c.t), "{"+strings.Join(networks, "}, {")+"}", more)
}

func (c *connected) interfaces() nova.Interfaces {
	return nova.Interfaces{Client: c.Client, Server: c.id}
}

// ports checks how many interfaces the server has, and that these are among their ports.
func (c *connected) ports(n int, among ...string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		all, err := c.interfaces().All(c.t.Context())
		var ids []string
		for _, one := range all {
			ids = append(ids, one.PortID)
		}
		for _, id := range among {
			if !slices.Contains(ids, id) {
				err = fmt.Errorf("no port %s", id)
			}
		}
		if err != nil || len(all) != n {
			return fmt.Errorf("the ports are %v: %w", ids, err)
		}
		return nil
	}
}

// learn notes an attribute.
func learn(name string, into *string) resource.TestCheckFunc {
	return resource.TestCheckResourceAttrWith(address, name, func(v string) error { *into = v; return nil })
}

func at(index int, name string) tfjsonpath.Path {
	return tfjsonpath.New("networks").AtSliceIndex(index).AtMapKey(name)
}

func interfaceValue(index int, name, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, at(index, name), knownvalue.StringExact(want))
}

// TestAccServerNetworks: interfaces come and go while the server runs; their order, and saying the same in other words,
// is no change.
func TestAccServerNetworks(t *testing.T) {
	t.Parallel()
	c := &connected{Target: acctest.Cloud(t), t: t}
	network, other := c.Network(t), c.Network(t)
	port := c.Port(t, other)
	same := statecheck.CompareValue(compare.ValuesSame())
	still := func() statecheck.StateCheck { return same.AddStateValue(address, tfjsonpath.New("id")) }
	first, given := fmt.Sprintf("uuid = %q, fixed_ip = \"192.0.2.77\"", network), fmt.Sprintf("port = %q", port)
	tagged := fmt.Sprintf("uuid = %q, tag = \"data\"", other)
	var made, extra string
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{
				Config: c.config("", first, given),
				Check:  resource.ComposeTestCheckFunc(learn("id", &c.id), learn("networks.0.port_id", &made)),
				ConfigStateChecks: []statecheck.StateCheck{
					still(), interfaceValue(0, "network_id", network), interfaceValue(1, "port_id", port), interfaceValue(1, "network_id", other),
					statecheck.ExpectKnownValue(address, at(0, "addresses"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("192.0.2.77")})),
					statecheck.ExpectKnownValue(address, at(0, "mac"), knownvalue.NotNull()),
				},
			},
			{ // one goes, one comes, one stays
				Config:           c.config("", tagged, first),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				Check: func(s *terraform.State) error {
					if err := c.ports(2, made)(s); err != nil {
						return err
					}
					service, err := c.Client.Network()
					if err != nil {
						return err
					}
					kept, err := ports.Get(t.Context(), service, port).Extract()
					if err == nil && kept.DeviceID != "" {
						err = fmt.Errorf("port %s is still of %s", port, kept.DeviceID)
					}
					return err
				},
				ConfigStateChecks: []statecheck.StateCheck{
					still(), interfaceValue(0, "tag", "data"), interfaceValue(0, "network_id", other),
					value("addresses", knownvalue.ListSizeExact(2)),
				},
			},
			{ // detached by others
				PreConfig:         func() { c.Unplug(t, c.id, made) },
				Config:            c.config("", tagged, first),
				ConfigPlanChecks:  does(plancheck.ResourceActionUpdate),
				Check:             resource.ComposeTestCheckFunc(learn("networks.1.port_id", &made), func(s *terraform.State) error { return c.ports(2, made)(s) }),
				ConfigStateChecks: []statecheck.StateCheck{still()},
			},
			{ // attached by others
				PreConfig: func() {
					one, err := c.interfaces().Attach(t.Context(), nova.NetworkRequest{UUID: network})
					if err != nil {
						t.Fatal(err)
					}
					extra = one.PortID
				},
				Config: c.config("", tagged, first), ConfigPlanChecks: does(plancheck.ResourceActionNoop),
			},
			{
				ResourceName: address, ImportState: true,
				ImportStateCheck: func(all []*terraform.InstanceState) error {
					if n := all[0].Attributes["networks.#"]; n != "3" {
						return fmt.Errorf("%s interfaces are imported", n)
					}
					return nil
				},
			},
			{ // all of them
				Config:           strings.Replace(c.config("", "X"), "[{X}]", "[]", 1),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				Check:            func(s *terraform.State) error { return c.ports(1, extra)(s) },
			},
		},
	})
}

// TestAccServerInterfacesImported: an import takes all interfaces over, and detaches none that the configuration leaves out.
func TestAccServerInterfacesImported(t *testing.T) {
	t.Parallel()
	c := &connected{Target: acctest.Cloud(t), t: t}
	network, other := c.Network(t), c.Network(t)
	port := c.Port(t, other)
	c.id = c.Server(t, []nova.NetworkRequest{{UUID: network}, {Port: port}})
	config := func(networks ...string) string {
		return strings.Replace(c.config("", networks...), `"connected"`, fmt.Sprintf("%q", acctest.Name(t)), 1)
	}
	first, given := fmt.Sprintf("uuid = %q", network), fmt.Sprintf("port = %q", port)
	c.Test(t, resource.TestCase{
		Steps: []resource.TestStep{
			{
				Config: config(given, first), ResourceName: address, ImportState: true, ImportStatePersist: true,
				ImportStateIdFunc: func(*terraform.State) (string, error) { return c.id, nil },
			},
			{
				Config: config(first), ConfigPlanChecks: does(plancheck.ResourceActionUpdate), Check: c.ports(2, port),
				ConfigStateChecks: []statecheck.StateCheck{value("networks", knownvalue.ListSizeExact(1))},
			},
		},
	})
}

// TestAccServerSecurityGroups: the groups of interfaces that Nova made are changed in place; a port that was given keeps
// its own, and an interface that is attached later on gets the server's.
func TestAccServerSecurityGroups(t *testing.T) {
	t.Parallel()
	c := &connected{Target: acctest.Cloud(t), t: t}
	network := c.Network(t)
	port := c.Port(t, network)
	group := c.SecurityGroup(t)
	made, given := fmt.Sprintf("uuid = %q", network), fmt.Sprintf("port = %q", port)
	groups := func(names ...string) string {
		return fmt.Sprintf("security_groups = [%s]", `"`+strings.Join(names, `", "`)+`"`)
	}
	are := func(names ...string) []statecheck.StateCheck {
		var all []knownvalue.Check
		for _, name := range names {
			all = append(all, knownvalue.StringExact(name))
		}
		return []statecheck.StateCheck{value("security_groups", knownvalue.SetExact(all))}
	}
	// grouped checks how many groups the port at an index of networks has.
	grouped := func(index, n int) resource.TestCheckFunc {
		return resource.TestCheckResourceAttrWith(address, fmt.Sprintf("networks.%d.port_id", index), func(id string) error {
			service, err := c.Client.Network()
			if err != nil {
				return err
			}
			found, err := ports.Get(t.Context(), service, id).Extract()
			if err == nil && len(found.SecurityGroups) != n {
				err = fmt.Errorf("port %s has the groups %v", id, found.SecurityGroups)
			}
			return err
		})
	}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{Config: c.config("", made), ConfigStateChecks: are("default")},
			{
				Config:           c.config(groups("default", group), made),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: are("default", group), Check: grouped(0, 2),
			},
			{
				Config:           c.config(groups("default", group), made, given, made),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: are("default", group),
				Check: resource.ComposeTestCheckFunc(grouped(0, 2), grouped(1, 1), grouped(2, 2)),
			},
			{
				Config:           c.config(groups(group), made, given, made),
				ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: are(group),
				Check: resource.ComposeTestCheckFunc(grouped(0, 1), grouped(1, 1), grouped(2, 1)),
			},
		},
	})
}

// TestAccServerSecurityGroupsOfOthers: a port that is attached beside the server has groups of its own, which are no drift
// of the server's and stay when those change.
func TestAccServerSecurityGroupsOfOthers(t *testing.T) {
	t.Parallel()
	c := &connected{Target: acctest.Cloud(t), t: t}
	network := c.Network(t)
	group := c.SecurityGroup(t)
	config := func(all ...string) string {
		return c.config(fmt.Sprintf("security_groups = [%s]", strings.Join(all, ", ")), fmt.Sprintf("uuid = %q", network)) + fmt.Sprintf(`
resource "nova_interface_attachment" "test" {
  server_id  = nova_server.test.id
  network_id = %q
}
`, network)
	}
	has := func(name, group string) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			var id string
			if err := learnOf(name, &id)(s); err != nil {
				return err
			}
			service, err := c.Client.Network()
			if err != nil {
				return err
			}
			port, err := ports.Get(t.Context(), service, id).Extract()
			if err != nil || len(port.SecurityGroups) != 1 {
				return fmt.Errorf("%s has the groups %v: %w", name, port.SecurityGroups, err)
			}
			found, err := groups.Get(t.Context(), service, port.SecurityGroups[0]).Extract()
			if err == nil && found.Name != group {
				err = fmt.Errorf("%s has the group %s", name, found.Name)
			}
			return err
		}
	}
	alone := resource.TestStep{Config: config(fmt.Sprintf("%q", group)), Check: resource.ComposeTestCheckFunc(
		has("nova_server.test networks.0.port_id", group), has("nova_interface_attachment.test port_id", "default"))}
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			alone,
			{RefreshState: true}, // the plan after it is empty
			{Config: config(fmt.Sprintf("%q", group), `"default"`), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
			alone,
		},
	})
}

// learnOf reads "ADDRESS ATTRIBUTE" of the state.
func learnOf(name string, into *string) resource.TestCheckFunc {
	resourceAddress, attribute, _ := strings.Cut(name, " ")
	return resource.TestCheckResourceAttrWith(resourceAddress, attribute, func(v string) error { *into = v; return nil })
}

// TestAccServerNetworkRefused: what Nova refuses in the middle loses nothing of what was done before.
func TestAccServerNetworkRefused(t *testing.T) {
	t.Parallel()
	c := &connected{Target: acctest.Cloud(t), t: t}
	network := c.Network(t)
	first, second := fmt.Sprintf("uuid = %q", network), fmt.Sprintf("uuid = %q, fixed_ip = \"192.0.2.66\"", network)
	const nowhere = `port = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"`
	var made string
	c.Test(t, resource.TestCase{
		CheckDestroy: destroyed(c.Target, t),
		Steps: []resource.TestStep{
			{Config: c.config("", first), Check: learn("id", &c.id)},
			{
				Config: c.config("", first, second, nowhere),
				ExpectError: regexp.MustCompile(
					`Unable to Change networks of Server "connected"(.|\n)*6a6f4d0c(.|\n)*HTTP status: 404`),
			},
			{ // the one that was attached before the failure is in the state
				Config: c.config("", first, second), Check: resource.ComposeTestCheckFunc(
					learn("networks.1.port_id", &made), func(s *terraform.State) error { return c.ports(2, made)(s) }),
			},
			{ // a cloud that is too old for tags and modes
				Config:           `provider "nova" { max_microversion = "2.36" }` + c.config("", first, second),
				ConfigPlanChecks: does(plancheck.ResourceActionNoop),
			},
			{
				Config:   `provider "nova" { max_microversion = "2.48" }` + c.config("", first, second, first+`, tag = "late"`),
				PlanOnly: true, ExpectError: regexp.MustCompile(`networks\s+cannot\s+be\s+used:\s+it\s+needs\s+microversion\s+2\.49`),
			},
		},
	})
}
