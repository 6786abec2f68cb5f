// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"context"
	"crypto/sha1"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	framework "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// oldState is what terraform-provider-openstack keeps of a server.
//
//go:embed testdata/openstack_compute_instance_v2.json
var oldState string

const oldData = "#!/bin/sh\necho hello\n"

func sum(text string) string {
	hash := sha1.Sum([]byte(text))
	return hex.EncodeToString(hash[:])
}

// found is a server that some other provider made, before descriptions.
func found(t *testing.T, cloud *acctest.Target, networks any) *nova.Server {
	t.Helper()
	id, err := cloud.Servers().Create(t.Context(), 52, nova.ServerCreate{
		Name: "old", ImageRef: cloud.Image(t), FlavorRef: cloud.Flavor(t), Networks: networks, Metadata: map[string]string{"role": "web"},
		Tags: []string{"blue", "web"}, UserData: base64.StdEncoding.EncodeToString([]byte(oldData)), AccessIPv4: "192.0.2.10",
	})
	if err == nil {
		cloud.RemoveAfter(t, id)
		err = cloud.Active(t.Context(), id)
	}
	if err == nil {
		err = cloud.Servers().Update(t.Context(), nova.WithDescription, id, map[string]any{"description": "old"})
	}
	if err != nil {
		t.Fatal(err)
	}
	s, err := cloud.Servers().Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAccServerMovedState: a whole state of terraform-provider-openstack, over the protocol.
func TestAccServerMovedState(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	network := cloud.Network(t)
	s := found(t, cloud, []nova.NetworkRequest{{UUID: network, FixedIP: "192.0.2.10"}})
	state := strings.NewReplacer("ID\"", s.ID+"\"", "FLAVOR", cloud.Flavor(t), "IMAGE", cloud.Image(t), "\"KEY\"", "null", "NETWORK", network,
		"HASH", sum(oldData)).Replace(oldState)
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	texts := func(all ...string) tftypes.Value {
		var elements []tftypes.Value
		for _, one := range all {
			elements = append(elements, text(one))
		}
		return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, elements)
	}
	moved := cloud.Moved(t, "openstack_compute_instance_v2", state, "nova_server", map[string]tftypes.Value{
		"name": text("old"), "image_id": text(cloud.Image(t)), "flavor_id": text(cloud.Flavor(t)), "user_data": text(oldData),
		"metadata": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, map[string]tftypes.Value{"role": text("web")}),
		"tags":     texts("web", "blue"), "security_groups": texts("default"), "power_state": text("active"),
		"access_ip_v4": text("192.0.2.10"), "stop_before_destroy": tftypes.NewValue(tftypes.Bool, true),
	})
	if id := acctest.As[string](t, moved["id"]); id != s.ID {
		t.Errorf("server %s became %s", s.ID, id)
	}
}

// TestAccServerMoved: a moved block of a real Terraform, from a resource of the other provider's name and kind.
func TestAccServerMoved(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	network := cloud.Network(t)
	s := found(t, cloud, []nova.NetworkRequest{{UUID: network, FixedIP: "192.0.2.10"}})
	before := fmt.Sprintf(`
resource "openstack_compute_instance_v2" "test" {
  id              = %q
  name            = "old"
  image_id        = %q
  flavor_id       = %q
  user_data       = %q
  metadata        = { role = "web" }
  tags            = ["blue", "web"]
  security_groups = ["default"]
  power_state     = "active"
  network         = [{ uuid = %q, fixed_ip_v4 = "192.0.2.10" }]
}
`, s.ID, cloud.Image(t), cloud.Flavor(t), sum(oldData), network)
	after := func(data string) string {
		return fmt.Sprintf(`
moved {
  from = openstack_compute_instance_v2.test
  to   = nova_server.test
}

resource "nova_server" "test" {
  name            = "old"
  image_id        = %q
  flavor_id       = %q
  user_data       = %q
  metadata        = { role = "web" }
  tags            = ["blue", "web"]
  security_groups = ["default"]
  power_state     = "active"
  networks        = [{ uuid = %q }]
}
`, cloud.Image(t), cloud.Flavor(t), data, network)
	}
	cloud.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: map[string]func() (tfprotov6.ProviderServer, error){
			"openstack": providerserver.NewProtocol6WithError(openstack{}),
		},
		CheckDestroy: destroyed(cloud, t),
		Steps: []resource.TestStep{
			{Config: before},
			{
				Config: after(oldData),
				ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
					plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
				}},
				ConfigStateChecks: []statecheck.StateCheck{one("id", s.ID), value("metadata", knownvalue.MapSizeExact(1))},
			},
			// The hash tells other user data from those that the server has.
			{Config: after("#!/bin/sh\n"), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate)},
		},
	})
}

// openstack is as much of another provider as writes a state.
type openstack struct{ provider.Provider }

func (openstack) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "openstack"
}

func (openstack) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse)          {}
func (openstack) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}
func (openstack) DataSources(context.Context) []func() datasource.DataSource                        { return nil }
func (openstack) Resources(context.Context) []func() framework.Resource {
	return []func() framework.Resource{func() framework.Resource { return instance{} }}
}

// instance keeps what it is told.
type instance struct{}

func (instance) Metadata(_ context.Context, _ framework.MetadataRequest, resp *framework.MetadataResponse) {
	resp.TypeName = "openstack_compute_instance_v2"
}

func (instance) Schema(_ context.Context, _ framework.SchemaRequest, resp *framework.SchemaResponse) {
	attributes := map[string]schema.Attribute{
		"metadata":        schema.MapAttribute{ElementType: types.StringType, Optional: true},
		"tags":            schema.SetAttribute{ElementType: types.StringType, Optional: true},
		"security_groups": schema.SetAttribute{ElementType: types.StringType, Optional: true},
		"network": schema.ListNestedAttribute{Optional: true, NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"uuid": schema.StringAttribute{Optional: true}, "fixed_ip_v4": schema.StringAttribute{Optional: true},
		}}},
	}
	for _, name := range []string{"id", "name", "image_id", "flavor_id", "user_data", "power_state"} {
		attributes[name] = schema.StringAttribute{Required: true}
	}
	resp.Schema = schema.Schema{Attributes: attributes}
}

func (instance) Create(_ context.Context, req framework.CreateRequest, resp *framework.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
}
func (instance) Read(context.Context, framework.ReadRequest, *framework.ReadResponse)       {}
func (instance) Update(context.Context, framework.UpdateRequest, *framework.UpdateResponse) {}
func (instance) Delete(context.Context, framework.DeleteRequest, *framework.DeleteResponse) {}
