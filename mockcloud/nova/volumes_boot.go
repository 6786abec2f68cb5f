// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// volumesBoot are the operations of servers at os-volumes_boot, where they could be done, too, up to 2.102:
// those of Nova's servers controller, not its extensions'.
func volumesBoot(all []api.Route) []api.Route {
	actions := map[string]bool{"": true}
	for name := range strings.FieldsSeq("confirmResize createImage os-start os-stop reboot rebuild resize revertResize trigger_crash_dump") {
		actions[name] = true
	}
	paths := map[string]string{
		"/servers": "/os-volumes_boot", "/servers/detail": "/os-volumes_boot/detail", "/servers/{id}": "/os-volumes_boot/{id}",
		"/servers/{id}/action": "/os-volumes_boot/{id}/action",
	}
	var aliases []api.Route
	for _, route := range all {
		to := paths[route.Path()]
		if to == "" || !actions[route.ActionName()] {
			continue
		}
		if alias, served := route.Alias(to, "-2.102"); served {
			aliases = append(aliases, alias)
		}
	}
	return aliases
}
