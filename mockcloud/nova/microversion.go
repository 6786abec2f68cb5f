// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// Newest is the newest microversion served: 2.104, of August 2026.
const Newest api.Version = 104
