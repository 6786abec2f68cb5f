// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"net/http"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// policy are Glance's default rules. Whether an image is visible at all is not among them: see op.sees.
func policy() api.Policy {
	admin := api.Role("admin")
	member := api.Any(admin, api.RoleInProject("member"))
	reader := api.Any(admin, api.RoleInProject("reader"), api.RoleInProject("member"))
	return api.Policy{
		"get_image": reader, "get_images": reader, "download_image": reader, "get_member": reader, "get_members": reader,
		"add_image": member, "modify_image": member, "delete_image": member, "upload_image": member,
		"communitize_image": member, "add_member": member, "delete_member": member, "modify_member": member,
		"deactivate": member, "reactivate": member,
		"publicize_image": admin, "set_owner": admin, "download_deactivated": admin,
	}
}

// glanceFault is the body of an error as Glance gives it to who accepts JSON.
func glanceFault(f *api.Fault) any {
	title := http.StatusText(f.Code)
	return map[string]any{"message": f.Message, "code": strconv.Itoa(f.Code) + " " + title, "title": title}
}
