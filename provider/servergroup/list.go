// SPDX-License-Identifier: MPL-2.0

package servergroup

import (
	"context"
	"iter"
	"net/url"
	"strconv"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewListResource returns the list resource nova_server_group.
func NewListResource() list.ListResource { return &serverGroupList{} }

var _ list.ListResourceWithConfigure = (*serverGroupList)(nil)

type serverGroupList struct{ session.Resource }

type listModel struct {
	NameRegex   types.String `tfsdk:"name_regex"`
	Policy      types.String `tfsdk:"policy"`
	AllProjects types.Bool   `tfsdk:"all_projects"`
}

func (l *serverGroupList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_server_group"
}

func (l *serverGroupList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists server groups.",
		Attributes: map[string]schema.Attribute{
			"name_regex": listing.NameRegex(),
			"policy": schema.StringAttribute{
				Optional: true, MarkdownDescription: "The policy: `affinity`, `anti-affinity`, `soft-affinity` or `soft-anti-affinity`.",
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"all_projects": schema.BoolAttribute{Optional: true, MarkdownDescription: "List the groups of all projects. For administrators."},
		},
	}
}

func (l *serverGroupList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	c := l.Cloud(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	matches := listing.Matcher(config.NameRegex)
	fitting := listing.Filter(every(ctx, c, config.AllProjects.ValueBool()), func(g servergroups.ServerGroup) bool {
		return matches(g.Name) && (config.Policy.IsNull() || policy(&g) == config.Policy.ValueString())
	})
	stream.Results = listing.Results(ctx, req, "Server Groups", fitting, func(ctx context.Context, g servergroups.ServerGroup, result *list.ListResult) {
		result.DisplayName = g.Name
		var m model
		listing.Blank(ctx, result, path.Root("id"), types.StringValue(g.ID), &m)
		m.take(&g)
		result.Diagnostics.Append(m.identify(ctx, result.Identity)...)
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	})
}

// every is each server group, by pages that are turned as named does.
func every(ctx context.Context, c *client.Client, allProjects bool) iter.Seq2[servergroups.ServerGroup, error] {
	return func(yield func(servergroups.ServerGroup, error) bool) {
		service, _, err := c.Best(ctx, withRules)
		for offset := 0; err == nil; {
			var page struct {
				Groups []servergroups.ServerGroup `json:"server_groups"`
			}
			query := url.Values{"offset": {strconv.Itoa(offset)}}
			if allProjects {
				query.Set("all_projects", "true")
			}
			if _, err = service.Get(ctx, service.ServiceURL("os-server-groups")+"?"+query.Encode(), &page, nil); err == nil && len(page.Groups) == 0 {
				return
			}
			offset += len(page.Groups)
			for _, g := range page.Groups {
				if !yield(g, nil) {
					return
				}
			}
		}
		yield(servergroups.ServerGroup{}, err)
	}
}
