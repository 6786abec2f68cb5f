// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"context"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/gophercloud/gophercloud/v2/pagination"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewListResource returns the list resource nova_flavor.
func NewListResource() list.ListResource { return &flavorList{} }

var _ list.ListResourceWithConfigure = (*flavorList)(nil)

type flavorList struct{ session.Resource }

type listModel struct {
	NameRegex types.String `tfsdk:"name_regex"`
	IsPublic  types.Bool   `tfsdk:"is_public"`
	MinRAM    types.Int64  `tfsdk:"min_ram"`
	MinDisk   types.Int64  `tfsdk:"min_disk"`
}

func (l *flavorList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_flavor"
}

func (l *flavorList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	least := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{
			Optional: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.AtLeast(0)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists flavors, private ones too as far as the user may see them.",
		Attributes: map[string]schema.Attribute{
			"name_regex": listing.NameRegex(),
			"is_public":  schema.BoolAttribute{Optional: true, MarkdownDescription: "Only flavors that all projects see, or only others."},
			"min_ram":    least("The least memory to accept, in MiB."),
			"min_disk":   least("The least root disk to accept, in GiB."),
		},
	}
}

func (l *flavorList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	c := l.Cloud(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	service, v, err := c.Best(ctx, withExtraSpecs)
	if err != nil {
		diags.Append(diagnose.Failure("List", "Flavors", "", err))
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	opts := flavors.ListOpts{MinRAM: value.Int(config.MinRAM), MinDisk: value.Int(config.MinDisk), AccessType: flavors.AllAccess}
	all := listing.Paged(ctx, flavors.ListDetail(service, opts), func(page pagination.Page) ([]flavors.Flavor, error) {
		return flavors.ExtractFlavors(page)
	})
	matches := listing.Matcher(config.NameRegex)
	fitting := listing.Filter(all, func(f flavors.Flavor) bool {
		return matches(f.Name) && (config.IsPublic.IsNull() || config.IsPublic.ValueBool() == f.IsPublic)
	})
	stream.Results = listing.Results(ctx, req, "Flavors", fitting, func(ctx context.Context, f flavors.Flavor, result *list.ListResult) {
		result.DisplayName = f.Name
		m := model{ID: types.StringValue(f.ID)}
		result.Diagnostics.Append(m.identify(ctx, result.Identity)...)
		if req.IncludeResource {
			show(ctx, c, v, f, result)
		}
	})
}

// show fills in the resource of a flavor that was listed at v.
func show(ctx context.Context, c *client.Client, v client.Microversion, f flavors.Flavor, result *list.ListResult) {
	shown := &f
	if v < withExtraSpecs { // the list has none
		var err error
		if shown, err = read(ctx, c, f.ID); err != nil {
			result.Diagnostics.Append(diagnose.Failure("Read", "Flavor", f.Name, err))
			return
		}
	}
	var m model
	listing.Blank(ctx, result, path.Root("id"), types.StringValue(f.ID), &m)
	m.take(shown)
	result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
}
