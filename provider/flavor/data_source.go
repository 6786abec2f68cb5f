// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/flavors"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_flavor.
func NewDataSource() datasource.DataSource { return &flavorData{} }

var (
	_ datasource.DataSourceWithConfigure        = (*flavorData)(nil)
	_ datasource.DataSourceWithConfigValidators = (*flavorData)(nil)
)

type flavorData struct{ session.DataSource }

type dataModel struct {
	model
	MinVCPUs types.Int64 `tfsdk:"min_vcpus"`
	MinRAM   types.Int64 `tfsdk:"min_ram"`
	MinDisk  types.Int64 `tfsdk:"min_disk"`
}

func (d *flavorData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_flavor"
}

func (d *flavorData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	least := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{
			Optional: true, MarkdownDescription: description, Validators: []validator.Int64{int64validator.AtLeast(0)},
		}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "A flavor that exists already, by id, by name, or the smallest that is large enough: of those with the least " +
			"memory the one with the fewest processors, then with the least disk, then the first by name.",
		Attributes: map[string]schema.Attribute{
			"id":          schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The id."},
			"name":        schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The name."},
			"min_vcpus":   least("The fewest virtual processors to accept."),
			"min_ram":     least("The least memory to accept, in MiB."),
			"min_disk":    least("The least root disk to accept, in GiB."),
			"description": schema.StringAttribute{Computed: true, MarkdownDescription: "The description, where the cloud offers microversion 2.55."},
			"vcpus":       number("The number of virtual processors."),
			"ram":         number("The memory in MiB."),
			"disk":        number("The root disk in GiB; 0 for the size of the image."),
			"ephemeral":   number("The second disk in GiB."),
			"swap":        number("The swap disk in MiB."),
			"rxtx_factor": schema.Float64Attribute{Computed: true, MarkdownDescription: "The factor of network bandwidth."},
			"is_public":   schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether all projects see the flavor."},
			"extra_specs": schema.MapAttribute{
				ElementType: types.StringType, Computed: true, MarkdownDescription: "The extra specs, as far as the user may see them.",
			},
		},
	}
}

// ConfigValidators: an id or a name says it all.
func (d *flavorData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	at := path.MatchRoot
	return []datasource.ConfigValidator{
		datasourcevalidator.AtLeastOneOf(at("id"), at("name"), at("min_vcpus"), at("min_ram"), at("min_disk")),
		datasourcevalidator.Conflicting(at("id"), at("name"), at("min_vcpus")),
		datasourcevalidator.Conflicting(at("id"), at("name"), at("min_ram")),
		datasourcevalidator.Conflicting(at("id"), at("name"), at("min_disk")),
	}
}

func (d *flavorData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config dataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	c := d.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	searched := config.searched()
	found, err := search(ctx, c, config)
	if diagnose.NotFound(err) || err == nil && found == nil {
		resp.Diagnostics.Append(diagnose.Missing("Flavor", searched))
		return
	}
	if err != nil {
		resp.Diagnostics.Append(diagnose.Failure("Read", "Flavor with "+searched, "", err))
		return
	}
	config.model = model{} // as for an import: everything is taken
	config.take(found)
	if config.ExtraSpecs.IsNull() {
		config.ExtraSpecs = value.MapOf(map[string]string{})
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
}

func (m dataModel) searched() string {
	var parts []string
	if !m.ID.IsNull() {
		parts = append(parts, fmt.Sprintf("the id %q", m.ID.ValueString()))
	}
	if !m.Name.IsNull() {
		parts = append(parts, fmt.Sprintf("the name %q", m.Name.ValueString()))
	}
	for _, least := range []struct {
		unit string
		n    types.Int64
	}{{"vCPUs", m.MinVCPUs}, {"MiB of memory", m.MinRAM}, {"GiB of disk", m.MinDisk}} {
		if !least.n.IsNull() {
			parts = append(parts, fmt.Sprintf("at least %d %s", least.n.ValueInt64(), least.unit))
		}
	}
	return strings.Join(parts, " and ")
}

// search returns the flavor, or nil if none fits.
func search(ctx context.Context, c *client.Client, config dataModel) (*flavors.Flavor, error) {
	if !config.ID.IsNull() {
		return read(ctx, c, config.ID.ValueString())
	}
	service, v, err := c.Best(ctx, withExtraSpecs)
	if err != nil {
		return nil, err
	}
	opts := flavors.ListOpts{MinRAM: value.Int(config.MinRAM), MinDisk: value.Int(config.MinDisk)}
	if !config.Name.IsNull() { // also a private one, which Nova otherwise hides from administrators
		opts.AccessType = flavors.AllAccess
	}
	pages, err := flavors.ListDetail(service, opts).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := flavors.ExtractFlavors(pages)
	if err != nil {
		return nil, err
	}
	var fitting []flavors.Flavor
	for _, f := range all {
		if config.fits(f) {
			fitting = append(fitting, f)
		}
	}
	if len(fitting) == 0 {
		return nil, nil
	}
	sort.Slice(fitting, func(i, j int) bool { return smaller(fitting[i], fitting[j]) })
	if v < withExtraSpecs { // the list has none
		return read(ctx, c, fitting[0].ID)
	}
	return &fitting[0], nil
}

func (m dataModel) fits(f flavors.Flavor) bool {
	return (m.Name.IsNull() || f.Name == m.Name.ValueString()) &&
		f.VCPUs >= value.Int(m.MinVCPUs) && f.RAM >= value.Int(m.MinRAM) && f.Disk >= value.Int(m.MinDisk)
}

func smaller(a, b flavors.Flavor) bool {
	switch {
	case a.RAM != b.RAM:
		return a.RAM < b.RAM
	case a.VCPUs != b.VCPUs:
		return a.VCPUs < b.VCPUs
	case a.Disk != b.Disk:
		return a.Disk < b.Disk
	}
	return a.Name < b.Name
}
