// SPDX-License-Identifier: MPL-2.0

package interfaceattachment_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

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
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

const address = "nova_interface_attachment.test"

// scene is a server without interfaces, and a network.
type scene struct {
	*acctest.Target
	t               *testing.T
	server, network string
}

func newScene(t *testing.T) scene {
	t.Helper()
	cloud := acctest.Cloud(t)
	network := cloud.Network(t)
	return scene{cloud, t, cloud.Server(t, "none"), network}
}

func (s scene) config(attributes string) string {
	return fmt.Sprintf("resource \"nova_interface_attachment\" \"test\" {\n  server_id = %q\n%s\n}\n", s.server, attributes)
}

func (s scene) interfaces() nova.Interfaces {
	return nova.Interfaces{Client: s.Client, Server: s.server}
}

// port is whether Neutron has the port.
func (s scene) port(id string) bool {
	s.t.Helper()
	service, err := s.Client.Network()
	if err == nil {
		err = ports.Get(s.t.Context(), service, id).Err
	}
	if err != nil && !diagnose.NotFound(err) {
		s.t.Fatal(err)
	}
	return err == nil
}

func text(name, want string) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.New(name), knownvalue.StringExact(want))
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

// TestAccInterfaceAttachment: a port that Nova makes goes with its interface, a port that was given stays.
func TestAccInterfaceAttachment(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	given := s.Port(t, s.network)
	made := fmt.Sprintf("  network_id = %q\n  fixed_ip = \"192.0.2.50\"\n  tag = \"storage\"", s.network)
	byPort := s.config(fmt.Sprintf("  port_id = %q", given))
	data := "data \"nova_interfaces\" \"test\" {\n  server_id = nova_interface_attachment.test.server_id\n}\n"
	var port string
	shown := func(name string) tfjsonpath.Path { return tfjsonpath.New("interfaces").AtSliceIndex(0).AtMapKey(name) }
	s.Test(t, resource.TestCase{
		CheckDestroy: func(*terraform.State) error {
			if all, err := s.interfaces().All(t.Context()); err != nil || len(all) > 0 || !s.port(given) {
				return fmt.Errorf("%d interfaces are left, the given port is there: %t (%w)", len(all), s.port(given), err)
			}
			return nil
		},
		Steps: []resource.TestStep{
			{
				Config: s.config(made) + data,
				Check:  resource.TestCheckResourceAttrWith(address, "port_id", func(v string) error { port = v; return nil }),
				ConfigStateChecks: []statecheck.StateCheck{
					text("fixed_ip", "192.0.2.50"), text("tag", "storage"), text("network_id", s.network),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("mac"), knownvalue.NotNull()),
					statecheck.ExpectKnownValue(address, tfjsonpath.New("addresses"), knownvalue.ListExact([]knownvalue.Check{knownvalue.StringExact("192.0.2.50")})),
					statecheck.ExpectKnownValue("data.nova_interfaces.test", shown("network_id"), knownvalue.StringExact(s.network)),
					statecheck.ExpectKnownValue("data.nova_interfaces.test", shown("tag"), knownvalue.StringExact("storage")),
					statecheck.ExpectKnownValue("data.nova_interfaces.test", shown("addresses").AtSliceIndex(0).AtMapKey("subnet_id"), knownvalue.NotNull()),
				},
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"timeouts"}},
			{
				Config: byPort, ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				ConfigStateChecks: []statecheck.StateCheck{text("port_id", given), text("network_id", s.network)},
				Check: func(*terraform.State) error {
					if s.port(port) {
						return fmt.Errorf("port %s outlives its interface", port)
					}
					return nil
				},
			},
			{ // detached by others
				PreConfig: func() { s.Unplug(t, s.server, given) },
				Config:    byPort, ConfigPlanChecks: does(plancheck.ResourceActionCreate),
			},
		},
	})
}

// TestAccInterfaceAttachmentTakenOver: what an apply attached that was killed is no obstacle to the next one.
func TestAccInterfaceAttachmentTakenOver(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	port := s.Port(t, s.network)
	if _, err := s.interfaces().Attach(t.Context(), nova.NetworkRequest{Port: port}); err != nil {
		t.Fatal(err)
	}
	s.Test(t, resource.TestCase{Steps: []resource.TestStep{{
		Config:            s.config(fmt.Sprintf("  port_id = %q", port)),
		ConfigStateChecks: []statecheck.StateCheck{text("id", s.server+"/"+port)},
	}}})
}

// TestAccInterfaceAttachmentOfServerThatIsGone: there is nothing left to detach.
func TestAccInterfaceAttachmentOfServerThatIsGone(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	config := s.config(fmt.Sprintf("  network_id = %q", s.network))
	s.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config},
		{
			PreConfig: func() {
				ctx := context.WithoutCancel(t.Context())
				if err := s.Servers().Delete(ctx, s.server); err != nil {
					t.Fatal(err)
				}
				if err := s.Gone(ctx, s.server); err != nil {
					t.Fatal(err)
				}
			},
			Config: config, ExpectError: regexp.MustCompile(`Unable to Attach Interface to Server(.|\n)*HTTP status: 404`),
		},
	}})
}

func TestAccInterfaceAttachmentInvalid(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	var steps []resource.TestStep
	for attributes, says := range map[string]string{
		"":                 `Invalid\s+Attribute\s+Combination`,
		`network_id = "n"`: `has\s+to\s+be\s+a\s+UUID`,
		`network_id = "` + nowhere + "\"\n port_id = \"" + nowhere + `"`: `Invalid\s+Attribute\s+Combination`,
		`port_id = "` + nowhere + "\"\n fixed_ip = \"192.0.2.9\"":        `Invalid\s+Attribute\s+Combination`,
		`network_id = "` + nowhere + "\"\n fixed_ip = \"192.0.2.900\"":   `Invalid\s+IP\s+Address`,
		`network_id = "` + nowhere + "\"\n tag = \"a,b\"":                `neither\s+a\s+comma`,
	} {
		steps = append(steps, resource.TestStep{Config: s.config(attributes), PlanOnly: true, ExpectError: regexp.MustCompile(says)})
	}
	old := `provider "nova" { max_microversion = "2.48" }` + "\n" + s.config("network_id = \""+s.network+"\"\n tag = \"a\"")
	steps = append(steps,
		resource.TestStep{Config: old, PlanOnly: true, ExpectError: regexp.MustCompile(`tag cannot be used: it needs\s+microversion\s+2\.49`)},
		resource.TestStep{
			Config:      s.config(`port_id = "` + nowhere + `"`),
			ExpectError: regexp.MustCompile(`Unable to Attach Interface to Server(.|\n)*HTTP status: 404(.|\n)*Request id: req-`),
		},
		resource.TestStep{Config: `provider "nova" { max_microversion = "2.1" }` + "\n" + s.config(`network_id = "`+s.network+`"`)},
	)
	s.Test(t, resource.TestCase{Steps: steps})
}

func TestAccInterfaceAttachmentIdentity(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	s.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: s.config(fmt.Sprintf("  network_id = %q", s.network)), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("port_id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccInterfaceAttachmentMoved(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	made, err := s.interfaces().Attach(t.Context(), nova.NetworkRequest{UUID: s.network, FixedIP: "192.0.2.60"})
	if err != nil {
		t.Fatal(err)
	}
	state := fmt.Sprintf(`{"id": "%[1]s/%[2]s", "region": "RegionOne", "instance_id": %[1]q, "port_id": %[2]q, "network_id": %[3]q,
		"fixed_ip": "192.0.2.60", "timeouts": null}`, s.server, made.PortID, s.network)
	text := func(v string) tftypes.Value { return tftypes.NewValue(tftypes.String, v) }
	got := s.Moved(t, "openstack_compute_interface_attach_v2", state, "nova_interface_attachment", map[string]tftypes.Value{
		"server_id": text(s.server), "network_id": text(s.network), "fixed_ip": text("192.0.2.60"),
	})
	if id := acctest.As[string](t, got["id"]); id != s.server+"/"+made.PortID {
		t.Errorf("moved to %s", id)
	}
	found := s.ByIdentity(t, "nova_interface_attachment", map[string]string{"server_id": s.server, "port_id": made.PortID})
	if ip := acctest.As[string](t, found["fixed_ip"]); ip != "192.0.2.60" {
		t.Errorf("imported with the address %s", ip)
	}
}
