// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// defaultRules are Nova's default rules (os-security-group-default-rules) as Neutron's groups have them.
func defaultRules(tx store.Tx) ([]neutron.DefaultRule, error) {
	known, err := nova.DefaultRules(tx)
	rules := make([]neutron.DefaultRule, len(known))
	for i, r := range known {
		rules[i] = neutron.DefaultRule{Protocol: r.Protocol, First: r.From, Last: r.To, Prefix: r.CIDR}
	}
	return rules, err
}
