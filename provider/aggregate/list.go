// SPDX-License-Identifier: MPL-2.0

package aggregate

import (
	"context"
	"slices"
	"strconv"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/aggregates"
	"github.com/gophercloud/gophercloud/v2/pagination"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/listing"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewListResource returns the list resource nova_aggregate.
func NewListResource() list.ListResource { return &aggregateList{} }

var _ list.ListResourceWithConfigure = (*aggregateList)(nil)

type aggregateList struct{ session.Resource }

type listModel struct {
	NameRegex        types.String `tfsdk:"name_regex"`
	AvailabilityZone types.String `tfsdk:"availability_zone"`
	Host             types.String `tfsdk:"host"`
}

func (l *aggregateList) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "nova_aggregate"
}

func (l *aggregateList) ListResourceConfigSchema(_ context.Context, _ list.ListResourceSchemaRequest, resp *list.ListResourceSchemaResponse) {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, MarkdownDescription: description, Validators: []validator.String{stringvalidator.LengthBetween(1, 255)},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Lists host aggregates. For administrators.",
		Attributes: map[string]schema.Attribute{
			"name_regex":        listing.NameRegex(),
			"availability_zone": text("The availability zone that the aggregate makes."),
			"host":              text("A compute host that is in the aggregate."),
		},
	}
}

func (l *aggregateList) List(ctx context.Context, req list.ListRequest, stream *list.ListResultsStream) {
	var config listModel
	diags := req.Config.Get(ctx, &config)
	c := l.Cloud(&diags)
	if diags.HasError() {
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	service, _, err := c.Best(ctx, nova.WithAggregateUUID)
	if err != nil {
		diags.Append(diagnose.Failure("List", "Aggregates", "", err))
		stream.Results = list.ListResultsStreamDiagnostics(diags)
		return
	}
	matches := listing.Matcher(config.NameRegex)
	all := listing.Paged(ctx, aggregates.List(service), func(page pagination.Page) ([]aggregates.Aggregate, error) {
		return aggregates.ExtractAggregates(page)
	})
	fitting := listing.Filter(all, func(a aggregates.Aggregate) bool {
		return matches(a.Name) && (config.AvailabilityZone.IsNull() || a.AvailabilityZone == config.AvailabilityZone.ValueString()) &&
			(config.Host.IsNull() || slices.Contains(a.Hosts, config.Host.ValueString()))
	})
	stream.Results = listing.Results(ctx, req, "Aggregates", fitting, func(ctx context.Context, a aggregates.Aggregate, result *list.ListResult) {
		result.DisplayName = a.Name
		var m model
		listing.Blank(ctx, result, path.Root("id"), types.StringValue(strconv.Itoa(a.ID)), &m)
		m.take(&a)
		result.Diagnostics.Append(m.identify(ctx, result.Identity)...)
		result.Diagnostics.Append(result.Resource.Set(ctx, m)...)
	})
}
