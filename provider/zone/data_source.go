// SPDX-License-Identifier: MPL-2.0

// Package zone is the data source nova_availability_zones.
package zone

import (
	"context"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/availabilityzones"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
)

// NewDataSource returns the data source nova_availability_zones.
func NewDataSource() datasource.DataSource { return &zones{} }

var _ datasource.DataSourceWithConfigure = (*zones)(nil)

type zones struct{ session.DataSource }

type model struct {
	State types.String `tfsdk:"state"`
	Names types.List   `tfsdk:"names"`
}

func (d *zones) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_availability_zones"
}

func (d *zones) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The availability zones that servers can be put into.",
		Attributes: map[string]schema.Attribute{
			"state": schema.StringAttribute{
				Optional: true, Computed: true,
				MarkdownDescription: "Which zones: `available` (the default), `unavailable`, or `any`.",
				Validators:          []validator.String{stringvalidator.OneOf("available", "unavailable", "any")},
			},
			"names": schema.ListAttribute{
				ElementType: types.StringType, Computed: true, MarkdownDescription: "The names of the zones, sorted.",
			},
		},
	}
}

func (d *zones) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := d.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	if config.State.IsNull() {
		config.State = types.StringValue("available")
	}
	service, err := c.At(ctx, 1)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("List", "Availability Zones", "", err))
		return
	}
	page, err := availabilityzones.List(service).AllPages(ctx)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("List", "Availability Zones", "", err))
		return
	}
	all, err := availabilityzones.ExtractAvailabilityZones(page)
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("List", "Availability Zones", "", err))
		return
	}
	slices.SortFunc(all, func(a, b availabilityzones.AvailabilityZone) int { return strings.Compare(a.ZoneName, b.ZoneName) })
	names := []attr.Value{}
	for _, zone := range all {
		if config.State.ValueString() == "any" || zone.ZoneState.Available == (config.State.ValueString() == "available") {
			names = append(names, types.StringValue(zone.ZoneName))
		}
	}
	config.Names = types.ListValueMust(types.StringType, names)
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}
