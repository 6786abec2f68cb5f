// SPDX-License-Identifier: MPL-2.0

package conformance

// hostWalks are about hosts. They come last: some take hosts out of service.
func hostWalks() []walk {
	return []walk{
		{name: "aggregates", every: true, steps: []step{
			{op: "POST /os-aggregates", body: object{"aggregate": object{"name": "walk-$n"}}, save: "aggregate=aggregate.id"},
			{op: "GET /os-aggregates"},
			{op: "GET /os-aggregates/{id}", of: "$aggregate"},
			{op: "PUT /os-aggregates/{id}", of: "$aggregate", body: object{"aggregate": object{"name": "walked-$n"}}},
			{op: "POST /os-aggregates/{id}/action add_host", of: "$aggregate", body: object{"host": "$host"}},
			{op: "POST /os-aggregates/{id}/action set_metadata", of: "$aggregate", body: object{"metadata": object{"a": "b"}}},
			{op: "POST /os-aggregates/{id}/images", of: "$aggregate", body: object{"cache": []object{{"id": "$image"}}}},
			{op: "POST /os-aggregates/{id}/action remove_host", of: "$aggregate", body: object{"host": "$host"}},
			{op: "DELETE /os-aggregates/{id}", of: "$aggregate"},
		}},
		{name: "hypervisors", steps: []step{
			boot(object{"availability_zone": "nova:$host"}),
			{op: "GET /os-hypervisors", save: "hypervisor=hypervisors.0.id"},
			{op: "GET /os-hypervisors/detail"},
			{op: "GET /os-hypervisors/{id}", of: "$hypervisor"},
			{op: "GET /os-hypervisors/{id}/uptime", of: "$hypervisor"},
			{op: "GET /os-hypervisors/statistics"},
			{op: "GET /os-hypervisors/{id}/search", of: "compute"},
			{op: "GET /os-hypervisors/{id}/servers", of: "compute"},
			drop(),
		}},
		{name: "hosts", every: true, alone: true, steps: []step{
			{op: "GET /os-hosts"},
			{op: "GET /os-hosts/{id}", of: "$quiet"},
			{op: "GET /os-hosts/{id}/startup", of: "$quiet"}, // first, since somebody may have shut it down before
			{op: "PUT /os-hosts/{id}", of: "$quiet", body: object{"status": "enable"}},
			{op: "GET /os-hosts/{id}/reboot", of: "$quiet"},
			{op: "GET /os-hosts/{id}/shutdown", of: "$quiet"},
			{op: "GET /os-hosts/{id}/startup", of: "$quiet", undo: true},
		}},
		{name: "services", every: true, steps: []step{
			{op: "GET /os-services", query: "host=$idle&binary=nova-compute", save: "service=services.0.id"},
			{op: "PUT /os-services/{id}", of: "disable", body: object{"host": "$idle", "binary": "nova-compute"}, versions: "-2.52"},
			{op: "PUT /os-services/{id}", of: "$service", body: object{"status": "disabled", "disabled_reason": "walk"}, versions: "2.53-"},
		}},
		{name: "evacuate", alone: true, steps: []step{
			boot(nil),
			{op: "GET /servers/{id}", of: "$server", save: "where=server.OS-EXT-SRV-ATTR:host"},
			{op: "GET /os-services", query: "host=$where&binary=nova-compute", save: "service=services.0.id", by: 53},
			{op: "PUT /os-services/{id}", of: "$service", body: object{"forced_down": true}, by: 53},
			{op: act + "evacuate", of: "$server", body: object{"onSharedStorage": false}, versions: "-2.13", until: "ACTIVE"},
			{op: act + "evacuate", of: "$server", body: object{}, versions: "2.14-2.94", until: "ACTIVE"},
			{op: act + "evacuate", of: "$server", body: object{}, versions: "2.95-", until: "SHUTOFF"},
			{op: "GET /servers/{server_id}/migrations", of: "$server"},
			{op: "PUT /os-services/{id}", of: "$service", body: object{"forced_down": false}, by: 53, undo: true},
			drop(),
		}},
		{name: "a service that goes", once: true, steps: []step{
			{op: "GET /os-services", query: "host=$leaving&binary=nova-compute", save: "service=services.0.id"},
			{op: "DELETE /os-services/{id}", of: "$service"},
		}},
	}
}
