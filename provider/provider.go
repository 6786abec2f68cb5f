// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	tfaddr "github.com/hashicorp/terraform-registry-address"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/aggregate"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/aggregatehost"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/apiversion"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/consolelog"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/diagnostics"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/flavor"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/flavoraccess"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/floatingip"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/functions"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/host"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/hostdrain"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/hypervisor"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/image"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/instanceaction"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/interfaceattachment"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/keypair"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/limits"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/migration"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/quotaclassset"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/quotaset"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/remoteconsole"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/securitygroup"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/server"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/serveraction"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/servergroup"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/serverimage"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/servermetadata"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/serverpassword"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/servertag"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/service"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/usage"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/volumeattachment"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/zone"
)

// Address is where Terraform's default registry knows the provider.
func Address() string {
	return tfaddr.NewProvider(tfaddr.DefaultProviderRegistryHost, "terraform-provider-nova", "nova").String()
}

// retries is the default of max_retries.
const retries = 5

// Resources are all managed resources.
func (p *nova) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		aggregate.NewResource,
		aggregatehost.NewResource,
		flavor.NewResource,
		flavoraccess.NewResource,
		floatingip.NewAssociationResource,
		floatingip.NewResource,
		interfaceattachment.NewResource,
		keypair.NewResource,
		quotaclassset.NewResource,
		quotaset.NewResource,
		securitygroup.NewResource,
		securitygroup.NewRuleResource,
		server.NewResource,
		servergroup.NewResource,
		serverimage.NewResource,
		servermetadata.NewResource,
		servertag.NewResource,
		service.NewResource,
		volumeattachment.NewResource,
	}
}

// DataSources are all data sources.
func (p *nova) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		aggregate.NewDataSource,
		aggregate.NewDataSourceList,
		apiversion.NewDataSource,
		consolelog.NewDataSource,
		diagnostics.NewDataSource,
		flavor.NewDataSource,
		flavor.NewDataSourceList,
		host.NewDataSourceList,
		hypervisor.NewDataSource,
		hypervisor.NewDataSourceList,
		image.NewDataSource,
		image.NewDataSourceList,
		instanceaction.NewDataSourceList,
		interfaceattachment.NewDataSource,
		keypair.NewDataSource,
		keypair.NewDataSourceList,
		limits.NewDataSource,
		migration.NewDataSourceList,
		network.NewDataSource,
		network.NewDataSourceList,
		quotaset.NewDataSource,
		securitygroup.NewDataSource,
		securitygroup.NewDataSourceList,
		server.NewDataSource,
		server.NewDataSourceList,
		servergroup.NewDataSource,
		servergroup.NewDataSourceList,
		service.NewDataSource,
		service.NewDataSourceList,
		usage.NewDataSource,
		volumeattachment.NewDataSource,
		zone.NewDataSource,
	}
}

// EphemeralResources are all ephemeral resources: what never touches the state.
func (p *nova) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{
		keypair.NewEphemeral,
		remoteconsole.NewEphemeral,
		serverpassword.NewEphemeral,
	}
}

// ListResources are all that terraform query can list.
func (p *nova) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		aggregate.NewListResource,
		flavor.NewListResource,
		keypair.NewListResource,
		securitygroup.NewListResource,
		server.NewListResource,
		servergroup.NewListResource,
	}
}

// Actions are all actions.
func (p *nova) Actions(context.Context) []func() action.Action {
	return append(serveraction.All(), hostdrain.NewDrain, hostdrain.NewEnable)
}

// Functions are all functions.
func (p *nova) Functions(context.Context) []func() function.Function {
	return functions.All()
}

var (
	_ provider.ProviderWithEphemeralResources = (*nova)(nil)
	_ provider.ProviderWithListResources      = (*nova)(nil)
	_ provider.ProviderWithActions            = (*nova)(nil)
	_ provider.ProviderWithFunctions          = (*nova)(nil)
)

type nova struct {
	version string
	lookup  func(string) string
	clock   wait.Clock
}

// New returns a maker of providers of this version that read their environment by lookup, which is
// os.Getenv but for tests that run several clouds in one process.
func New(version string, lookup func(string) string) func() provider.Provider {
	return On(wait.Wall{}, version, lookup)
}

// On is New for providers that wait by that clock: tests of long waits take one that hurries.
func On(clock wait.Clock, version string, lookup func(string) string) func() provider.Provider {
	return func() provider.Provider { return &nova{version: version, lookup: lookup, clock: clock} }
}

func (p *nova) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "nova"
	resp.Version = p.version
}

func (p *nova) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerSchema()
}

// Configure authenticates, unless settings are not known before apply.
func (p *nova) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	config := client.Config{Block: client.Settings{}, Lookup: p.lookup, Clock: p.clock}
	unknown := read(ctx, req.Config, &config, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	if len(unknown) > 0 {
		if req.ClientCapabilities.DeferralAllowed {
			resp.Deferred = &provider.Deferred{Reason: provider.DeferredReasonProviderConfigUnknown}
		}
		hand(session.Unknown(unknown), resp)
		return
	}
	config.UserAgent = fmt.Sprintf("Terraform/%s terraform-provider-nova/%s", req.TerraformVersion, p.version)
	c, err := client.New(ctx, config)
	if err != nil {
		resp.Diagnostics.Append(configureFailure(err))
		return
	}
	hand(session.New(c), resp)
}

// hand gives the session to everything that the provider has.
func hand(s *session.Session, resp *provider.ConfigureResponse) {
	resp.ResourceData, resp.DataSourceData, resp.EphemeralResourceData = s, s, s
	resp.ListResourceData, resp.ActionData = s, s
}

// configureFailure points at the setting that is at fault where that is known.
func configureFailure(err error) diag.Diagnostic {
	var setting *client.SettingError
	if errors.As(err, &setting) {
		return diag.NewAttributeErrorDiagnostic(path.Root(setting.Setting), setting.Summary, setting.Detail)
	}
	return diag.NewErrorDiagnostic("Unable to Authenticate", diagnose.Cause(err))
}

// blockModel is the provider block but for the settings of texts.
type blockModel struct {
	insecure  types.Bool
	retries   types.Int64
	ceiling   types.String
	endpoints types.Map
}

// read fills config from the provider block and returns the names of the settings that are not known yet.
func read(ctx context.Context, from tfsdk.Config, config *client.Config, diags *diag.Diagnostics) []string {
	var unknown []string
	get := func(name string, target any) {
		diags.Append(from.GetAttribute(ctx, path.Root(name), target)...)
	}
	set := func(name, text string) {
		config.Block[name] = client.Setting{Value: text, Source: "the provider block"}
	}
	for name := range texts() {
		var text types.String
		get(name, &text)
		if text.IsUnknown() {
			unknown = append(unknown, name)
		} else if text.ValueString() != "" {
			set(name, text.ValueString())
		}
	}
	var block blockModel
	get(client.Insecure, &block.insecure)
	get("max_retries", &block.retries)
	get("max_microversion", &block.ceiling)
	get("endpoint_overrides", &block.endpoints)
	for name, v := range map[string]attr.Value{
		client.Insecure: block.insecure, "max_retries": block.retries,
		"max_microversion": block.ceiling, "endpoint_overrides": block.endpoints,
	} {
		if !value.Settled(v) {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return unknown
	}
	if !block.insecure.IsNull() {
		set(client.Insecure, strconv.FormatBool(block.insecure.ValueBool()))
	}
	config.MaxRetries = retries
	if value.Known(block.retries) {
		config.MaxRetries = value.Int(block.retries)
	}
	if text := block.ceiling.ValueString(); text != "" {
		config.MaxMicroversion, _ = client.ParseMicroversion(text) // the schema validated it
	}
	config.Endpoints = value.Map(ctx, block.endpoints, diags)
	return nil
}
