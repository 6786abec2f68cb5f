// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// volumeGroup is what is about servers' block devices and shares.
func (s *Service) volumeGroup() []api.Route {
	return slices.Concat(s.volumeAttachmentRoutes(), s.shareRoutes())
}
