// SPDX-License-Identifier: MPL-2.0

// Package remoteconsole is the ephemeral resource nova_remote_console.
package remoteconsole

import (
	"context"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewEphemeral returns the ephemeral resource nova_remote_console.
func NewEphemeral() ephemeral.EphemeralResource { return &console{} }

var _ ephemeral.EphemeralResourceWithConfigure = (*console)(nil)

type console struct{ session.Ephemeral }

type model struct {
	ServerID types.String `tfsdk:"server_id"`
	Type     types.String `tfsdk:"type"`
	Protocol types.String `tfsdk:"protocol"`
	URL      types.String `tfsdk:"url"`
}

// usual is the type of console that most clouds have.
const usual = "novnc"

func (e *console) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "nova_remote_console"
}

func (e *console) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The URL of a console of a server that runs. It holds a token that lets in whoever has it, for some minutes as a rule, and is " +
			"therefore in no plan and no state.",
		Attributes: map[string]schema.Attribute{
			"server_id": schema.StringAttribute{
				Required: true, MarkdownDescription: "The id of the server.",
				Validators: []validator.String{stringvalidator.RegexMatches(nova.UUIDRule, nova.UUIDHolds)},
			},
			"type": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "The type of console: `novnc`, `serial` or `spice-html5`; `webmks`, which needs microversion 2.8; `spice-direct`, which needs " +
					"2.99; `xvpvnc` and `rdp-html5` on older clouds. Which of them a cloud has depends on how it is set up. Default: `novnc`.",
				Validators: []validator.String{stringvalidator.OneOf(slices.Sorted(maps.Keys(nova.ConsoleTypes))...)},
			},
			"protocol": schema.StringAttribute{
				Computed: true, MarkdownDescription: "The protocol of the console: `vnc`, `spice`, `serial`, `mks` or `rdp`.",
			},
			"url": schema.StringAttribute{
				Computed: true, Sensitive: true, MarkdownDescription: "The URL: of a page for a browser, or of a WebSocket where the type is `serial`.",
			},
		},
	}
}

// Open asks for a console.
func (e *console) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := e.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if config.Type.IsNull() {
		config.Type = types.StringValue(usual)
	}
	of := nova.ConsoleTypes[config.Type.ValueString()]
	if err := c.Check(ctx, of.Needs); err != nil {
		resp.Diagnostics.Append(diagnose.TooOld(path.Root("type"), err))
		return
	}
	url, err := e.Servers().RemoteConsole(ctx, config.ServerID.ValueString(), config.Type.ValueString())
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Open", "Remote Console of Server", config.ServerID.ValueString(), err))
		return
	}
	config.Protocol, config.URL = types.StringValue(of.Protocol), types.StringValue(url)
	resp.Diagnostics.Append(resp.Result.Set(ctx, config)...)
}
