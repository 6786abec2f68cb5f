// SPDX-License-Identifier: MPL-2.0

package flavor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_flavor.
func NewDataSource() datasource.DataSource { return source.One(dataNoun) }

// NewDataSourceList returns the data source nova_flavors.
func NewDataSourceList() datasource.DataSource { return source.All(dataNoun) }

var dataFields = fields.Table{
	"id":          {Description: "The id."},
	"name":        {Description: "The name."},
	"description": {Description: "The description. Needs microversion 2.55."},
	"vcpus":       {Of: fields.Number, Description: "The number of virtual processors."},
	"ram":         {Of: fields.Number, Description: "The memory in MiB."},
	"disk":        {Of: fields.Number, Description: "The root disk in GiB; 0 for the size of the image."},
	"ephemeral":   {Of: fields.Number, From: "OS-FLV-EXT-DATA:ephemeral", Description: "The second disk in GiB."},
	"swap":        {Of: fields.Number, Description: "The swap disk in MiB."},
	"rxtx_factor": {Of: fields.Decimal, Description: "The factor of network bandwidth."},
	"is_public":   {Of: fields.Flag, From: "os-flavor-access:is_public", Description: "Whether all projects see the flavor."},
	"disabled":    {Of: fields.Flag, From: "OS-FLV-DISABLED:disabled", Description: "Whether only administrators may use it, which newer clouds cannot set."},
	"extra_specs": {
		Of: fields.Texts, Description: "The extra specs, as far as the user may see them. In lists they need microversion 2.61.",
	},
}

var dataCollection = source.Collection{
	Newest: withExtraSpecs, Path: []string{"flavors", "detail"}, Base: "flavors", Many: "flavors", Single: "flavor", Shown: dataFields,
}

var dataNoun = source.Noun{
	Singular: "flavor", Plural: "flavors", Label: "Flavor", Labels: "Flavors",
	About: "A flavor that exists already, by id, by name, or the smallest that is large enough: of those with the least " +
		"memory the one with the fewest processors, then with the least disk, then the first by name.",
	AboutPlural: "The flavors that the user may use, or those of them that fit, the smallest first.",
	Shown:       dataFields,
	Order:       []string{"ram", "vcpus", "disk", "name"}, First: true,
	Filters: map[string]source.Filter{
		"id":               source.Equal("id", "The id."),
		"name":             source.Equal("name", "The name. It finds private flavors, too, of which administrators see all."),
		"name_regex":       source.Matches("name", "A regular expression that fits the name, or a part of it."),
		"min_vcpus":        source.AtLeast("vcpus", "The fewest virtual processors to accept."),
		"min_ram":          source.AtLeast("ram", "The least memory to accept, in MiB.").By("minRam"),
		"min_disk":         source.AtLeast("disk", "The least root disk to accept, in GiB.").By("minDisk"),
		"min_ephemeral":    source.AtLeast("ephemeral", "The least second disk to accept, in GiB."),
		"is_public":        source.Is("is_public", "Only flavors that all projects see, or only others.").By("is_public"),
		"with_extra_specs": source.Pairs("extra_specs", "Extra specs that the flavor has to have."),
	},
	List: listData, Get: dataCollection.Get, Complete: addDataSpecs,
}

func listData(ctx context.Context, c *client.Client, q source.Query) ([]fields.Row, error) {
	if q.Has("name") && !q.Has("is_public") {
		q.Values.Set("is_public", "None") // both kinds
	}
	rows, err := dataCollection.List(ctx, c, q)
	if err != nil || !q.Has("with_extra_specs") {
		return rows, err
	}
	for _, row := range rows {
		if err := addDataSpecs(ctx, c, row); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// addDataSpecs asks for the extra specs where the cloud is too old to show them with the flavor.
func addDataSpecs(ctx context.Context, c *client.Client, row fields.Row) error {
	if value.Known(row["extra_specs"]) {
		return nil
	}
	service, v, err := c.Best(ctx, withExtraSpecs)
	if err != nil || v == withExtraSpecs { // newer clouds hide them from whom they are not for
		return err
	}
	specs, err := nova.Object(ctx, service, service.ServiceURL("flavors", row.Text("id"), "os-extra_specs"), "extra_specs", nil)
	if err != nil {
		return err
	}
	row["extra_specs"], err = dataFields["extra_specs"].Read(map[string]any(specs))
	return err
}
