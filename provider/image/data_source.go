// SPDX-License-Identifier: MPL-2.0

// Package image is the data sources nova_image and nova_images: the images of Glance that servers are made from.
package image

import (
	"context"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/image/v2/images"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_image.
func NewDataSource() datasource.DataSource { return source.One(noun) }

// NewDataSourceList returns the data source nova_images.
func NewDataSourceList() datasource.DataSource { return source.All(noun) }

var shown = fields.Table{
	"id":               {Description: "The id."},
	"name":             {Description: "The name, which other images may have, too."},
	"visibility":       {Description: "Who sees it: `public`, `private`, `shared` or `community`."},
	"owner":            {Description: "The id of the project that owns it."},
	"status":           {Description: "The status, `active` if servers can be made from it."},
	"protected":        {Of: fields.Flag, Description: "Whether it is protected from being deleted."},
	"tags":             {Of: fields.Set, Description: "The tags."},
	"disk_format":      {Description: "The format of the disk: `qcow2`, `raw` ..."},
	"container_format": {Description: "The format of the container: `bare` as a rule."},
	"min_disk":         {Of: fields.Number, Description: "The least root disk that a server needs, in GiB."},
	"min_ram":          {Of: fields.Number, Description: "The least memory that a server needs, in MiB."},
	"size":             {Of: fields.Number, Description: "The size of the image's data in bytes."},
	"virtual_size":     {Of: fields.Number, Description: "The size of the disk in bytes; 0 where Glance does not know it."},
	"checksum":         {Description: "The MD5 sum of the image's data."},
	"properties":       {Of: fields.Texts, Description: "The properties, `os_distro` for example."},
	"created":          {Of: fields.Time, Description: "When it was created, in RFC 3339."},
	"updated":          {Of: fields.Time, Description: "When it was last changed, in RFC 3339."},
}

var noun = source.Noun{
	Singular: "image", Plural: "images", Label: "Image", Labels: "Images",
	About:       "An image of Glance, by id or by what is known of it. Only images that are active are found by anything but their id.",
	AboutPlural: "The active images of Glance, or those of them that fit.",
	Shown:       shown, Order: []string{"name", "created"}, Newest: "created",
	Filters: map[string]source.Filter{
		"id":         source.Equal("id", "The id."),
		"name":       source.Equal("name", "The name."),
		"name_regex": source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"visibility": source.Equal("visibility", "Who sees it: `public`, `private`, `shared` or `community`.").
			Among("public", "private", "shared", "community"),
		"owner":           source.Equal("owner", "The id of the project that owns it."),
		"disk_format":     source.Equal("disk_format", "The format of the disk: `qcow2`, `raw` ..."),
		"with_tags":       source.Holds("tags", "Tags that it has to have, all of them."),
		"with_properties": source.Pairs("properties", "Properties that it has to have, `os_distro` for example."),
	},
	List: list, Get: get,
}

func list(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	service, err := c.Image()
	if err != nil {
		return nil, err
	}
	pages, err := images.List(service, images.ListOpts{
		Name: quote(q.Text("name")), Status: images.ImageStatusActive, Owner: q.Text("owner"),
		Visibility: images.ImageVisibility(q.Text("visibility")), Tags: q.Texts("with_tags"),
	}).AllPages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := images.ExtractImages(pages)
	rows := make([]fields.Row, 0, len(all))
	for i := range all {
		rows = append(rows, row(&all[i]))
	}
	return rows, err
}

func get(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, err := c.Image()
	if err != nil {
		return nil, err
	}
	found, err := images.Get(ctx, service, q.Text("id")).Extract()
	if err != nil {
		return nil, err
	}
	return row(found), nil
}

// quote keeps Glance from reading "in:a,b" as a list of names.
func quote(name string) string {
	if strings.HasPrefix(name, "in:") || strings.Contains(name, ",") {
		return `in:"` + name + `"`
	}
	return name
}

func row(i *images.Image) fields.Row {
	properties := map[string]attr.Value{}
	for key, property := range i.Properties {
		if text, ok := property.(string); ok {
			properties[key] = types.StringValue(text)
		}
	}
	return fields.Row{
		"id": types.StringValue(i.ID), "name": types.StringValue(i.Name), "visibility": types.StringValue(string(i.Visibility)),
		"owner": value.Text(i.Owner), "status": types.StringValue(string(i.Status)), "protected": types.BoolValue(i.Protected),
		"tags": value.SetOf(append([]string{}, i.Tags...)), "disk_format": value.Text(i.DiskFormat),
		"container_format": value.Text(i.ContainerFormat), "min_disk": types.Int64Value(int64(i.MinDiskGigabytes)),
		"min_ram": types.Int64Value(int64(i.MinRAMMegabytes)), "size": types.Int64Value(i.SizeBytes),
		"virtual_size": types.Int64Value(i.VirtualSize), "checksum": value.Text(i.Checksum),
		"properties": types.MapValueMust(types.StringType, properties),
		"created":    value.Time(i.CreatedAt), "updated": value.Time(i.UpdatedAt),
	}
}
