// SPDX-License-Identifier: MPL-2.0

package neutron

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// collectionNames are the collections that every project has of its own.
var collectionNames = []string{"network", "subnet", "port", "security_group", "security_group_rule", "router", "floatingip", "rbac_policy", "subnetpool", "address_scope", "trunk"}

// adminOnly are the rules that only administrators satisfy: of attributes, and of whole operations.
var adminOnly = []string{
	"create_network:shared", "update_network:shared",
	"create_network:router:external", "update_network:router:external",
	"create_network:is_default", "update_network:is_default",
	"create_network:provider:network_type", "update_network:provider:network_type", "get_network:provider:network_type",
	"create_network:provider:physical_network", "update_network:provider:physical_network", "get_network:provider:physical_network",
	"create_network:provider:segmentation_id", "update_network:provider:segmentation_id", "get_network:provider:segmentation_id",
	"create_port:binding:host_id", "update_port:binding:host_id", "get_port:binding:host_id",
	"create_port:binding:profile", "update_port:binding:profile", "get_port:binding:profile",
	"get_port:binding:vif_type", "get_port:binding:vif_details", "get_port:resource_request",
	"update_port:mac_address",
	"create_floatingip:floating_ip_address",
	"create_address_scope:shared", "update_address_scope:shared",
	"create_subnetpool:shared", "create_subnetpool:is_default", "update_subnetpool:is_default",
	"get_quota", "update_quota", "delete_quota", "get_agent", "get_network_ip_availability",
	"create_for_other_project",
}

// policy are Neutron's default rules: readers see, members change, administrators do both everywhere.
func policy() api.Policy {
	admin := api.Role("admin")
	rules := api.Policy{"admin_required": admin}
	for _, name := range collectionNames {
		rules["get_"+name] = api.Any(admin, api.RoleInProject("reader"), api.RoleInProject("member"))
		for _, verb := range []string{"create_", "update_", "delete_"} {
			rules[verb+name] = api.Any(admin, api.RoleInProject("member"))
		}
	}
	for _, name := range adminOnly {
		rules[name] = admin
	}
	rules["get_auto_allocated_topology"] = rules["get_network"]
	rules["delete_auto_allocated_topology"] = rules["delete_network"]
	for _, verb := range []string{"add_subports", "remove_subports"} {
		rules[verb] = rules["update_trunk"]
	}
	for _, verb := range []string{"get", "create", "update", "delete", "activate"} {
		rules[verb+"_port_binding"] = api.Any(admin, api.Role("service"))
	}
	return rules
}
