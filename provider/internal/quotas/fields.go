// SPDX-License-Identifier: MPL-2.0

package quotas

import "github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"

// Fields are the limits as fields that are only shown. Part is which of the things that Nova says of each is read, "limit"
// or "in_use"; "" where it says but one.
func Fields(part string) fields.Table {
	all := fields.Table{}
	for name, of := range table {
		from := name
		if part != "" {
			from += "." + part
		}
		all[name] = fields.Field{Of: fields.Number, From: from, Description: of.description}
	}
	return all
}
