// SPDX-License-Identifier: MPL-2.0

package floatingip_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

const association = "nova_floating_ip_association.test"

// place is where floating IPs of a cloud come from, made by its Neutron even where the catalogue does not list that.
type place struct {
	cloud   *acctest.Target
	neutron *gophercloud.ServiceClient
	pool    network.Pool
}

func newPlace(t *testing.T, cloud *acctest.Target) place {
	t.Helper()
	whole := *cloud
	if proxied, err := network.Proxied(cloud.Client); err != nil {
		t.Fatal(err)
	} else if proxied {
		address := strings.TrimSuffix(cloud.Getenv("OS_AUTH_URL"), "/identity/v3") + "/network"
		whole.Client, err = client.New(t.Context(), client.Config{
			Lookup: cloud.Getenv, Clock: wait.Wall{}, Endpoints: map[string]string{"network": address},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p := place{cloud: &whole}
	var err error
	if p.neutron, err = whole.Client.Network(); err != nil {
		t.Fatal(err)
	}
	p.pool.ID, p.pool.Name = whole.External(t)
	return p
}

// routed is a network with a router to the pool.
func (p place) routed(t *testing.T) string {
	t.Helper()
	id := p.cloud.Network(t)
	p.cloud.Routed(t, id, p.pool.ID)
	return id
}

func (p place) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// server is a server in the network.
func (p place) server(t *testing.T, in string) string {
	t.Helper()
	service, err := p.cloud.Client.At(t.Context(), 37)
	if err != nil {
		t.Fatal(err)
	}
	var body struct{ Server struct{ ID string } }
	if _, err = service.Post(t.Context(), service.ServiceURL("servers"), map[string]any{"server": map[string]any{
		"name": acctest.Name(t), "imageRef": p.cloud.Image(t), "flavorRef": p.cloud.Flavor(t), "networks": []any{map[string]any{"uuid": in}},
	}}, &body, nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		after := context.WithoutCancel(t.Context())
		p.must(t, p.cloud.Servers().Delete(after, body.Server.ID))
		p.must(t, p.cloud.Gone(after, body.Server.ID))
	})
	p.must(t, p.cloud.Active(t.Context(), body.Server.ID))
	return body.Server.ID
}

// shows checks whether a server shows the floating IP.
func shows(t *testing.T, cloud *acctest.Target, server string, want bool) resource.TestCheckFunc {
	t.Helper()
	return resource.TestCheckResourceAttrWith(address, "address", func(v string) error {
		found, err := cloud.Servers().Get(context.WithoutCancel(t.Context()), server)
		if err != nil {
			return err
		}
		has := false
		for _, addresses := range found.Addresses {
			for _, a := range addresses {
				has = has || a.Address == v && a.Type == "floating"
			}
		}
		if has != want {
			return fmt.Errorf("server %s shows the floating IP: %t", server, has)
		}
		return nil
	})
}

func associated(pool, attributes string) string {
	return config(pool, "") + "resource \"nova_floating_ip_association\" \"test\" {\n" + attributes + "\n}\n"
}

func to(by, target string) string {
	return fmt.Sprintf("  floating_ip = nova_floating_ip.test.%s\n%s", by, target)
}

// attribute is what an import goes by.
func attribute(name string) resource.ImportStateIdFunc {
	return func(s *terraform.State) (string, error) {
		return s.RootModule().Resources[association].Primary.Attributes[name], nil
	}
}

func TestAccFloatingIPAssociation(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	p := newPlace(t, cloud)
	on := p.routed(t)
	first, second := p.server(t, on), p.server(t, on)
	port, err := ports.Create(t.Context(), p.neutron, ports.CreateOpts{NetworkID: on}).Extract()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.must(t, ports.Delete(context.WithoutCancel(t.Context()), p.neutron, port.ID).ExtractErr()) })
	at := func(attribute string, check knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(association, tfjsonpath.New(attribute), check)
	}
	changes := does(association, plancheck.ResourceActionUpdate)
	var id string
	release := func() {
		all := floating(t, cloud)
		f, err := all.Get(t.Context(), id)
		if err == nil {
			err = all.Release(t.Context(), f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	toFirst := associated(p.pool.Name, to("address", fmt.Sprintf("  server_id = %q", first)))
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: toFirst,
			Check: resource.ComposeTestCheckFunc(shows(t, cloud, first, true),
				resource.TestCheckResourceAttrWith(association, "id", func(v string) error { id = v; return nil })),
			ConfigStateChecks: []statecheck.StateCheck{at("port_id", knownvalue.NotNull()), at("fixed_ip", knownvalue.NotNull())},
		},
		{ResourceName: association, ImportState: true, ImportStateIdFunc: attribute("address"), ImportStateVerify: true},
		{ // by the id, which is no change of the floating IP
			Config:           associated(p.pool.Name, to("id", fmt.Sprintf("  server_id = %q", second))),
			ConfigPlanChecks: changes, Check: resource.ComposeTestCheckFunc(shows(t, cloud, first, false), shows(t, cloud, second, true)),
		},
		{ResourceName: association, ImportState: true, ImportStateIdFunc: attribute("id"), ImportStateVerify: true},
		{
			Config:            associated(p.pool.Name, to("id", fmt.Sprintf("  port_id = %q", port.ID))),
			ConfigPlanChecks:  changes,
			ConfigStateChecks: []statecheck.StateCheck{at("server_id", knownvalue.Null()), at("fixed_ip", knownvalue.StringExact(port.FixedIPs[0].IPAddress))},
		},
		{ // someone leads it elsewhere
			PreConfig: func() {
				all := floating(t, cloud)
				f, err := all.Get(t.Context(), id)
				if err == nil {
					err = all.Lead(t.Context(), f, network.Target{ServerID: first})
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			Config: associated(p.pool.Name, to("id", fmt.Sprintf("  port_id = %q", port.ID))), ConfigPlanChecks: changes,
			Check: shows(t, cloud, first, false),
		},
		{PreConfig: release, Config: toFirst, ConfigPlanChecks: does(association, plancheck.ResourceActionCreate), Check: shows(t, cloud, first, true)},
		{Config: config(p.pool.Name, ""), Check: shows(t, cloud, first, false)},
	}})
}

func TestAccFloatingIPAssociationIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	p := newPlace(t, cloud)
	made := associated(p.pool.Name, to("id", fmt.Sprintf("  server_id = %q", p.server(t, p.routed(t)))))
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: made, ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(association, tfjsonpath.New("id")),
			}},
			{ResourceName: association, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccFloatingIPAssociationInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	p := newPlace(t, cloud)
	on := p.routed(t)
	server := p.server(t, on)
	lone := p.server(t, p.cloud.Network(t))
	second := fmt.Sprintf("resource \"nova_floating_ip_association\" \"second\" {\n  floating_ip = nova_floating_ip_association.test.address\n"+
		"  server_id = %q\n}\n", lone)
	made := associated(p.pool.Name, to("id", fmt.Sprintf("  server_id = %q", server)))
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: associated(p.pool.Name, to("id", "")), PlanOnly: true, ExpectError: regexp.MustCompile(`(?s)At\s+least\s+one.*port_id`)},
		{
			Config:      associated(p.pool.Name, to("id", fmt.Sprintf("  server_id = %q\n  fixed_ip = \"192.0.2.250\"", server))),
			ExpectError: regexp.MustCompile(`(?s)Unable to Associate Floating IP.*has\s+the\s+address\s+192\.0\.2\.250`),
		},
		{ // a network without a router
			Config:      associated(p.pool.Name, to("id", fmt.Sprintf("  server_id = %q", lone))),
			ExpectError: regexp.MustCompile(`(?s)Unable to Associate Floating IP.*HTTP status: 404`),
		},
		{Config: made + second, ExpectError: regexp.MustCompile(`(?s)leads\s+to.*of\s+server.*import\s+the\s+association\s+by`)},
		{Config: made},
	}})
}

func TestAccFloatingIPAssociationWithoutNeutron(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithoutNeutron(t)
	p := newPlace(t, cloud)
	on := p.routed(t)
	first, second := p.server(t, on), p.server(t, on)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: associated(p.pool.Name, to("id", `  port_id = "p"`)), PlanOnly: true, ExpectError: regexp.MustCompile(`port_id cannot be used`)},
		{Config: associated(p.pool.Name, to("address", fmt.Sprintf("  server_id = %q", first))), Check: shows(t, cloud, first, true)},
		{ResourceName: association, ImportState: true, ImportStateIdFunc: attribute("address"), ImportStateVerify: true},
		{
			Config:           associated(p.pool.Name, to("address", fmt.Sprintf("  server_id = %q", second))),
			ConfigPlanChecks: does(association, plancheck.ResourceActionUpdate),
			Check:            resource.ComposeTestCheckFunc(shows(t, cloud, first, false), shows(t, cloud, second, true)),
		},
		{Config: config(p.pool.Name, ""), Check: shows(t, cloud, second, false)},
	}})
}

// TestAccFloatingIPAssociationMoved: from the neighbour's associations, without a change.
func TestAccFloatingIPAssociationMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	p := newPlace(t, cloud)
	server := p.server(t, p.routed(t))
	all := floating(t, cloud)
	made, err := all.Create(t.Context(), network.FloatingIP{Pool: p.pool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.must(t, all.Delete(context.WithoutCancel(t.Context()), made.ID)) })
	p.must(t, all.Lead(t.Context(), made, network.Target{ServerID: server}))
	led, err := all.Get(t.Context(), made.ID)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	cloud.Moved(t, "openstack_networking_floatingip_associate_v2", fmt.Sprintf(
		`{"id": %q, "floating_ip": %q, "port_id": %q, "fixed_ip": %q, "region": "r"}`, made.ID, made.Address, led.Target.PortID, led.Target.FixedIP),
		"nova_floating_ip_association", map[string]tftypes.Value{"floating_ip": text(made.Address), "port_id": text(led.Target.PortID)})
	state := cloud.Moved(t, "openstack_compute_floatingip_associate_v2", fmt.Sprintf(
		`{"id": "%s/%s/", "floating_ip": %q, "instance_id": %q, "fixed_ip": "", "region": "r"}`, made.Address, server, made.Address, server),
		"nova_floating_ip_association", map[string]tftypes.Value{"floating_ip": text(made.Address), "server_id": text(server)})
	if !state["id"].Equal(text(made.ID)) {
		t.Error(state["id"])
	}
}
