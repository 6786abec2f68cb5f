// SPDX-License-Identifier: MPL-2.0

// Package image is the data source nova_image: the images of Glance that servers are made from.
package image

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
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

// NewDataSource returns the data source nova_image.
func NewDataSource() datasource.DataSource { return &imageData{} }

var (
	_ datasource.DataSourceWithConfigure        = (*imageData)(nil)
	_ datasource.DataSourceWithConfigValidators = (*imageData)(nil)
)

type imageData struct{ session.DataSource }

type model struct {
	ID              types.String `tfsdk:"id"`
	Name            types.String `tfsdk:"name"`
	Tag             types.String `tfsdk:"tag"`
	Visibility      types.String `tfsdk:"visibility"`
	Owner           types.String `tfsdk:"owner"`
	Properties      types.Map    `tfsdk:"properties"`
	MostRecent      types.Bool   `tfsdk:"most_recent"`
	Status          types.String `tfsdk:"status"`
	Tags            types.Set    `tfsdk:"tags"`
	DiskFormat      types.String `tfsdk:"disk_format"`
	ContainerFormat types.String `tfsdk:"container_format"`
	MinDisk         types.Int64  `tfsdk:"min_disk"`
	MinRAM          types.Int64  `tfsdk:"min_ram"`
	Size            types.Int64  `tfsdk:"size"`
	Checksum        types.String `tfsdk:"checksum"`
	AllProperties   types.Map    `tfsdk:"all_properties"`
	Created         types.String `tfsdk:"created"`
	Updated         types.String `tfsdk:"updated"`
}

func (d *imageData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "nova_image"
}

func (d *imageData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	either := func(description string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: description, Validators: validators}
	}
	number := func(description string) schema.Int64Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "An image of Glance, by id or by what is known of it. Only images that are active are found by anything but their id.",
		Attributes: map[string]schema.Attribute{
			"id":   either("The id."),
			"name": either("The name."),
			"tag":  schema.StringAttribute{Optional: true, MarkdownDescription: "A tag that the image has to have."},
			"visibility": either("Who sees it: `public`, `private`, `shared` or `community`.",
				stringvalidator.OneOf("public", "private", "shared", "community")),
			"owner": either("The id of the project that owns it."),
			"properties": schema.MapAttribute{
				ElementType: types.StringType, Optional: true,
				MarkdownDescription: "Properties that the image has to have, `os_distro` for example.",
			},
			"most_recent": schema.BoolAttribute{
				Optional: true, MarkdownDescription: "Take the one that was created last if several fit. Otherwise that is an error.",
			},
			"status":           shown("The status, `active` if servers can be made from it."),
			"tags":             schema.SetAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "All tags."},
			"disk_format":      shown("The format of the disk: `qcow2`, `raw` ..."),
			"container_format": shown("The format of the container: `bare` as a rule."),
			"min_disk":         number("The least root disk that a server needs, in GiB."),
			"min_ram":          number("The least memory that a server needs, in MiB."),
			"size":             number("The size of the image's data in bytes."),
			"checksum":         shown("The MD5 sum of the image's data."),
			"all_properties":   schema.MapAttribute{ElementType: types.StringType, Computed: true, MarkdownDescription: "All properties."},
			"created":          shown("When it was created, in RFC 3339."),
			"updated":          shown("When it was last changed, in RFC 3339."),
		},
	}
}

// ConfigValidators: an id says it all.
func (d *imageData) ConfigValidators(context.Context) []datasource.ConfigValidator {
	at := path.MatchRoot
	validators := []datasource.ConfigValidator{
		datasourcevalidator.AtLeastOneOf(at("id"), at("name"), at("tag"), at("visibility"), at("owner"), at("properties")),
	}
	for _, name := range []string{"name", "tag", "visibility", "owner", "properties", "most_recent"} {
		validators = append(validators, datasourcevalidator.Conflicting(at("id"), at(name)))
	}
	return validators
}

func (d *imageData) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var config model
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	wanted := value.Map(ctx, config.Properties, &resp.Diagnostics)
	c := d.Cloud(&resp.Diagnostics)
	if c == nil || resp.Diagnostics.HasError() {
		return
	}
	searched := config.searched(wanted)
	fitting, err := search(ctx, c, config, wanted)
	switch {
	case diagnose.NotFound(err) || err == nil && len(fitting) == 0:
		resp.Diagnostics.Append(diagnose.Missing("Image", searched))
	case err != nil:
		resp.Diagnostics.Append(diagnose.Failure("Read", "Image with "+searched, "", err))
	case len(fitting) > 1 && !config.MostRecent.ValueBool():
		resp.Diagnostics.AddError("Several Images", fmt.Sprintf("%d images have %s: %s. Ask for more, or set most_recent.",
			len(fitting), searched, strings.Join(ids(fitting), ", ")))
	default:
		config.take(fitting[0])
		resp.Diagnostics.Append(resp.State.Set(ctx, config)...)
	}
}

// search returns the images that fit, the newest first.
func search(ctx context.Context, c *client.Client, config model, wanted map[string]string) ([]images.Image, error) {
	service, err := c.Image()
	if err != nil {
		return nil, err
	}
	if !config.ID.IsNull() {
		found, err := images.Get(ctx, service, config.ID.ValueString()).Extract()
		if err != nil {
			return nil, err
		}
		return []images.Image{*found}, nil
	}
	opts := images.ListOpts{
		Name: quote(config.Name.ValueString()), Status: images.ImageStatusActive, Owner: config.Owner.ValueString(),
		Visibility: images.ImageVisibility(config.Visibility.ValueString()),
	}
	if !config.Tag.IsNull() {
		opts.Tags = []string{config.Tag.ValueString()}
	}
	pages, err := images.List(service, opts).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := images.ExtractImages(pages)
	if err != nil {
		return nil, err
	}
	fitting := slices.DeleteFunc(all, func(i images.Image) bool {
		for key, text := range wanted {
			if fmt.Sprint(i.Properties[key]) != text {
				return true
			}
		}
		return false
	})
	sort.Slice(fitting, func(i, j int) bool { return fitting[i].CreatedAt.After(fitting[j].CreatedAt) })
	return fitting, nil
}

// quote keeps Glance from reading "in:a,b" as a list of names.
func quote(name string) string {
	if strings.HasPrefix(name, "in:") || strings.Contains(name, ",") {
		return `in:"` + name + `"`
	}
	return name
}

func (m *model) searched(properties map[string]string) string {
	var parts []string
	for _, given := range []struct {
		of   string
		text types.String
	}{{"id", m.ID}, {"name", m.Name}, {"tag", m.Tag}, {"visibility", m.Visibility}, {"owner", m.Owner}} {
		if !given.text.IsNull() {
			parts = append(parts, fmt.Sprintf("the %s %q", given.of, given.text.ValueString()))
		}
	}
	for key, text := range properties {
		parts = append(parts, fmt.Sprintf("the property %s=%q", key, text))
	}
	slices.Sort(parts)
	return strings.Join(parts, " and ")
}

func (m *model) take(found images.Image) {
	m.ID = types.StringValue(found.ID)
	m.Name = types.StringValue(found.Name)
	m.Visibility = types.StringValue(string(found.Visibility))
	m.Owner = value.Text(found.Owner)
	m.Status = types.StringValue(string(found.Status))
	m.Tags = value.SetOf(append([]string{}, found.Tags...))
	m.DiskFormat = value.Text(found.DiskFormat)
	m.ContainerFormat = value.Text(found.ContainerFormat)
	m.MinDisk = types.Int64Value(int64(found.MinDiskGigabytes))
	m.MinRAM = types.Int64Value(int64(found.MinRAMMegabytes))
	m.Size = types.Int64Value(found.SizeBytes)
	m.Checksum = value.Text(found.Checksum)
	m.Created = value.Time(found.CreatedAt)
	m.Updated = value.Time(found.UpdatedAt)
	properties := map[string]string{}
	for key, property := range found.Properties {
		if text, ok := property.(string); ok {
			properties[key] = text
		}
	}
	m.AllProperties = value.MapOf(properties)
}

func ids(all []images.Image) []string {
	var ids []string
	for _, i := range all {
		ids = append(ids, i.ID)
	}
	return ids
}
