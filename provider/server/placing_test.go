// SPDX-License-Identifier: MPL-2.0

package server

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Another zone takes another server; the host beside the zone of an imported one is nobody's to see.
func TestZoneDiffers(t *testing.T) {
	t.Parallel()
	zone := func(name string) model { return model{placing: placing{AvailabilityZone: types.StringValue(name)}} }
	unset := model{placing: placing{AvailabilityZone: types.StringNull()}}
	unknown := model{placing: placing{AvailabilityZone: types.StringUnknown()}}
	for name, test := range map[string]struct {
		config, plan, state model
		imported, want      bool
	}{
		"the same":                            {zone("nova"), zone("nova"), zone("nova"), false, false},
		"another":                             {zone("blue"), zone("blue"), zone("nova"), false, true},
		"none asked for":                      {unset, zone("nova"), zone("blue"), false, false},
		"not known yet":                       {unknown, unknown, zone("nova"), true, true},
		"a host of it":                        {zone("nova:one"), zone("nova:one"), zone("nova"), false, true},
		"a host of it, imported":              {zone("nova:one"), zone("nova:one"), zone("nova"), true, false},
		"a host and node of it, imported":     {zone("nova:one:two"), zone("nova:one:two"), zone("nova"), true, false},
		"a host of another, imported":         {zone("blue:one"), zone("blue:one"), zone("nova"), true, true},
		"another zone than the one, imported": {zone("blue"), zone("blue"), zone("nova"), true, true},
	} {
		if got := zoneDiffers(planned{config: test.config, plan: test.plan, state: test.state, imported: test.imported}); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
