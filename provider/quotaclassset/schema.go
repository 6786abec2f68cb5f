// SPDX-License-Identifier: MPL-2.0

package quotaclassset

import (
	"maps"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/quotas"
)

// inForce is the only class that Nova heeds.
const inForce = "default"

// What destroying can do.
const (
	restore = "restore"
	keep    = "keep"
)

func resourceSchema() schema.Schema {
	attributes := map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(inForce),
			MarkdownDescription: "The name of the class. Nova heeds no other than `default`, which is the default. A change replaces the resource.",
			Validators: []validator.String{
				stringvalidator.LengthBetween(1, 255),
				stringvalidator.RegexMatches(regexp.MustCompile(`^[^/?#]*$`), "may hold none of / ? #"),
			},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"on_destroy": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString(restore),
			MarkdownDescription: "What destroying the resource does: `restore` (the default) sets each limit that the resource has set to what it was " +
				"before that; `keep` leaves them as they are. Nova cannot unset limits of a class, so that what `nova.conf` says stays " +
				"out of force for them either way. Of an imported class only limits that were changed since can be restored.",
			Validators: []validator.String{stringvalidator.OneOf(restore, keep)},
		},
	}
	maps.Copy(attributes, quotas.Attributes())
	return schema.Schema{
		MarkdownDescription: "The compute quotas of all projects that have none of their own: Nova's quota class `default`. Setting them takes an " +
			"administrator. Limits that are not given are left alone, and the state shows what holds; 0 allows nothing, -1 anything. " +
			"A limit that is taken out of the configuration stays as it was set. `server_groups` and `server_group_members` are shown " +
			"from microversion 2.50 on, and can be set from there on.",
		Attributes: attributes,
	}
}
