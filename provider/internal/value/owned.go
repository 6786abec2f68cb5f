// SPDX-License-Identifier: MPL-2.0

package value

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Owned is what all has of the keys of managed, for maps that others add keys to: theirs stay out of the state, and a
// key that they took away shows as missing. Null stays null.
func Owned(managed types.Map, all map[string]string) types.Map {
	if managed.IsNull() {
		return MapOf(nil)
	}
	owned := map[string]attr.Value{}
	for key := range managed.Elements() {
		if text, ok := all[key]; ok {
			owned[key] = types.StringValue(text)
		}
	}
	return types.MapValueMust(types.StringType, owned)
}
