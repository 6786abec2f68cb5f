// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"

// The namespaces of the documents of API v2. Most extensions had none.
const (
	computeNamespace = "http://docs.openstack.org/compute/api/v1.1"
	commonNamespace  = "http://docs.openstack.org/common/api/v1.0" // versions, limits, extensions
	cellsNamespace   = "http://docs.rackspacecloud.com/servers/api/v1.0"
	extNamespaces    = "http://docs.openstack.org/compute/ext/"
)

// xml is API v2's other notation. Kilo removed it, so that no release which can be named has it.
func (r Release) xml() *api.XML {
	if !r.None() {
		return nil
	}
	return xmlBodies()
}

// xmlBodies is how API v2 had its bodies in XML, until Kilo took that away (Nova's xmlutil.py and the templates
// beside its controllers).
func xmlBodies() *api.XML {
	return &api.XML{
		Namespaces: map[string]string{
			"OS-DCF":              extNamespaces + "disk_config/api/v1.1",
			"OS-EXT-AZ":           extNamespaces + "extended_availability_zone/api/v2",
			"OS-EXT-IMG-SIZE":     extNamespaces + "image_size/api/v1.1",
			"OS-EXT-IPS":          extNamespaces + "extended_ips/api/v1.1",
			"OS-EXT-IPS-MAC":      extNamespaces + "extended_ips_mac/api/v1.1",
			"OS-EXT-SRV-ATTR":     extNamespaces + "extended_status/api/v1.1", // not its own: so it was
			"OS-EXT-STS":          extNamespaces + "extended_status/api/v1.1",
			"OS-EXT-VIF-NET":      extNamespaces + "extended-virtual-interfaces-net/api/v1.1",
			"OS-FLV-DISABLED":     extNamespaces + "flavor_disabled/api/v1.1",
			"OS-FLV-EXT-DATA":     extNamespaces + "flavor_extra_data/api/v1.1",
			"OS-SCH-HNT":          extNamespaces + "scheduler-hints/api/v2",
			"OS-SRV-USG":          extNamespaces + "server_usage/api/v1.1",
			"os-extended-volumes": extNamespaces + "extended_volumes/api/v1.1",
			"os-flavor-access":    extNamespaces + "flavor_access/api/v2",
			"os-used-limits":      extNamespaces + "used_limits/api/v1.1",
		},
		Read: map[string]string{extNamespaces + "flavor_access/api/v1.1": "os-flavor-access"},
		Roots: map[string]string{
			"reservation_id":                         "reservation",
			"GET /servers/{id}/ips/{label}":          "addresses of a network",
			"GET /servers/{id}/diagnostics":          "diagnostics",
			"GET /flavors/{id}/os-extra_specs/{key}": "extra_spec",
			"PUT /flavors/{id}/os-extra_specs/{key}": "extra_spec",
			"POST /os-cloudpipe":                     "cloudpipe",
			"PUT /os-hosts/{id}":                     "host",
			"GET /os-hosts/{id}/reboot":              "host",
			"GET /os-hosts/{id}/shutdown":            "host",
			"GET /os-hosts/{id}/startup":             "host",
		},
		Requests: map[string]string{
			"PUT /os-hosts/{id}":                     "updates",
			"PUT /os-services/{id}":                  "service",
			"PUT /flavors/{id}/os-extra_specs/{key}": "extra_spec",
		},
		Forms: xmlForms(),
		Fault: api.Form{
			Namespace: computeNamespace,
			Members:   map[string]string{"message": "message", "details": "details", "retryAfter": "@retryAfter"},
		},
	}
}
