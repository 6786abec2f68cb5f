// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// securityOf are the ports' security and the groups' rules.
func securityOf(*neutron.Topology) (map[string]driver.PortSecurity, map[string][]driver.Rule) {
	return nil, nil
}
