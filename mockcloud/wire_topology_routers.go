// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// routersOf are the routers with their places on networks.
func routersOf(*neutron.Topology) []driver.Router { return nil }

// floatingOf are the floating addresses that lead somewhere.
func floatingOf(*neutron.Topology) []driver.FloatingIP { return nil }
