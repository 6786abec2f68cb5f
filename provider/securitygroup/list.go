// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewListResource returns the list resource nova_security_group.
func NewListResource() list.ListResource { return &securityGroupList{} }

var _ list.ListResourceWithConfigure = (*securityGroupList)(nil)

type securityGroupList struct{ session.Resource }

type listModel struct {
	NameRegex types.String `tfsdk:"name_regex"`
	ProjectID types.String `tfsdk:"project_id"`
}

func (l *securityGroupList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_security_group"
}

func (l *securityGroupList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists security groups, of Neutron or of Nova's proxies as the resource does. Administrators see those of all projects in Neutron.",
		Attributes: map[string]schema.Attribute{
			"name_regex": listing.NameRegex(),
			"project_id": schema.StringAttribute{
				Optional: true, MarkdownDescription: "The id of the project that owns it.",
				Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
			},
		},
	}
}

func (l *securityGroupList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	c := l.Cloud(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	all := listing.Whole(func() ([]network.Group, error) {
		groups, err := network.GroupsOf(ctx, c)
		if err != nil {
			return nil, err
		}
		return groups.List(ctx, "")
	})
	matches := listing.Matcher(config.NameRegex)
	fitting := listing.Filter(all, func(g network.Group) bool {
		return matches(g.Name) && (config.ProjectID.IsNull() || g.ProjectID == config.ProjectID.ValueString())
	})
	stream.Results = listing.Results(ctx, req, "Security Groups", fitting, func(ctx context.Context, g network.Group, result *list.ListResult) {
		result.DisplayName = g.Name
		result.Diagnostics.Append(identify(ctx, result.Identity, types.StringValue(g.ID))...)
		if !req.IncludeResource {
			return
		}
		var m model
		listing.Blank(ctx, result, path.Root("id"), types.StringValue(g.ID), &m)
		m.take(ctx, &g, &result.Diagnostics)
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	})
}
