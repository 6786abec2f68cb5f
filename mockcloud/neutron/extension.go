// SPDX-License-Identifier: MPL-2.0

package neutron

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

type extension struct {
	Alias       string   `json:"alias"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Updated     string   `json:"updated"`
	Links       []string `json:"links"`
}

// extensions are the parts of Neutron's API that are really served: clients choose by these aliases.
var extensions = []struct{ alias, name string }{
	{"address-scope", "Address scope"},
	{"agent", "agent"},
	{"allowed-address-pairs", "Allowed Address Pairs"},
	{"auto-allocated-topology", "Auto Allocated Topology Services"},
	{"availability_zone", "Availability Zone"},
	{"binding", "Port Binding"},
	{"binding-extended", "Port Bindings Extended"},
	{"default-subnetpools", "Default Subnetpools"},
	{"dns-integration", "DNS Integration"},
	{"empty-string-filtering", "Empty String Filtering Extension"},
	{"ext-gw-mode", "Neutron L3 Configurable external gateway mode"},
	{"external-net", "Neutron external network"},
	{"extra_dhcp_opt", "Neutron Extra DHCP options"},
	{"extraroute", "Neutron Extra Route"},
	{"extraroute-atomic", "Atomically add/remove extra routes"},
	{"filter-validation", "Filter parameters validation"},
	{"fip-port-details", "Floating IP Port Details Extension"},
	{"ip-substring-filtering", "IP address substring filtering"},
	{"net-mtu", "Network MTU"},
	{"net-mtu-writable", "Network MTU (writable)"},
	{"network-ip-availability", "Network IP Availability"},
	{"network_availability_zone", "Network Availability Zone"},
	{"pagination", "Pagination support"},
	{"port-resource-request", "Port Resource Request"},
	{"port-security", "Port Security"},
	{"project-id", "project_id field enabled"},
	{"provider", "Provider Network"},
	{"quota_details", "Quota details management support"},
	{"quotas", "Quota management support"},
	{"rbac-policies", "RBAC Policies"},
	{"revision-if-match", "If-Match constraints based on revision_number"},
	{"router", "Neutron L3 Router"},
	{"router_availability_zone", "Router Availability Zone"},
	{"security-group", "security-group"},
	{"security-groups-default-rules-flag", "Security group rules belong to the default group"},
	{"security-groups-normalized-cidr", "Normalized CIDR field for security group rules"},
	{"sorting", "Sorting support"},
	{"standard-attr-description", "standard-attr-description"},
	{"standard-attr-revisions", "Resource revision numbers"},
	{"standard-attr-tag", "Tag support for resources with standard attribute"},
	{"standard-attr-timestamp", "Resource timestamps"},
	{"stateful-security-group", "Stateful security group"},
	{"subnet_allocation", "Subnet Allocation"},
	{"subnetpool-prefix-ops", "Subnet Pool Prefix Operations"},
	{"trunk", "Trunk Extension"},
	{"trunk-details", "Trunk port details"},
}

func listExtensions() []extension {
	all := make([]extension, len(extensions))
	for i, e := range extensions {
		all[i] = extension{Alias: e.alias, Name: e.name, Description: e.name, Updated: "2016-01-01T00:00:00-00:00", Links: []string{}}
	}
	return all
}

type availabilityZone struct {
	Name     string `json:"name"`
	Resource string `json:"resource"`
	State    string `json:"state"`
}

// infoRoutes are the operations that only tell.
func (s *Service) infoRoutes() []api.Route {
	return []api.Route{
		api.Get("/extensions", "extensions", func(*api.Call) ([]extension, error) { return listExtensions(), nil }),
		api.Get("/extensions/{alias}", "extension", func(c *api.Call) (extension, error) {
			for _, e := range listExtensions() {
				if e.Alias == c.Var("alias") {
					return e, nil
				}
			}
			return extension{}, extensionNotFound.of(c.Var("alias"))
		}),
		api.Get("/availability_zones", "availability_zones", func(*api.Call) ([]availabilityZone, error) {
			return []availabilityZone{{zone, "network", "available"}, {zone, "router", "available"}}, nil
		}),
		api.Get("/service-providers", "service_providers", func(*api.Call) ([]object, error) { return nil, nil }),
	}
}
