// SPDX-License-Identifier: MPL-2.0

package server

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
)

// dataFilters leave to the table what Nova ignores for users who are no administrators, or takes for a regular expression.
var dataFilters = map[string]source.Filter{
	"id":                source.Equal("id", "The id."),
	"name":              source.Equal("name", "The name."),
	"name_regex":        source.Matches("name", "A regular expression that fits the name, or a part of it."),
	"status":            source.Equal("status", "The status, `ACTIVE` for example.").By("status"),
	"image_id":          source.Equal("image_id", "The id of the image that it was made from.").By("image"),
	"flavor_id":         {Description: "The id of the flavor.", Query: "flavor"},
	"key_name":          source.Equal("key_name", "The name of the keypair."),
	"availability_zone": source.Equal("availability_zone", "The availability zone."),
	"host":              source.Equal("host", "The compute host. For administrators.").By("host"),
	"user_id":           source.Equal("user_id", "The id of the user who created it."),
	"project_id":        source.Equal("project_id", "The id of the project that owns it; another than the provider's needs `all_projects`.").By("project_id"),
	"address":           {Description: "An address that it has.", Keep: dataHasAddress},
	"with_metadata":     source.Pairs("all_metadata", "Metadata that it has to have."),
	"with_tags":         source.Holds("tags", "Tags that it has to have, all of them. Needs microversion 2.26.").By("tags").Needs(26),
	"with_any_tag": {
		Of: fields.Set, Query: "tags-any", Since: 26, Description: "Tags of which it has to have at least one. Needs microversion 2.26.",
	},
	"without_tags": {
		Of: fields.Set, Query: "not-tags-any", Since: 26, Description: "Tags of which it may have none. Needs microversion 2.26.",
	},
	"locked": source.Is("locked", "Only servers that are locked, or only others. Needs microversion 2.73.").By("locked").Needs(73),
	"all_projects": {
		Of: fields.Flag, Scope: true, Query: "all_tenants", Description: "Look into all projects. It takes an administrator.",
	},
}

func dataHasAddress(given attr.Value, row fields.Row) bool {
	all, _ := row["addresses"].(types.List)
	for _, element := range all.Elements() {
		address, _ := element.(types.Object)
		if address.Attributes()["address"].Equal(given) {
			return true
		}
	}
	return false
}
