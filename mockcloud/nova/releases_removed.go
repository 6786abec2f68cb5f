// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// removal is what a release took out of Nova.
type removal struct {
	// major is the first release's without the operations.
	major int
	// status is what it answers in their place: 410, or 400 where only some of the operation was removed.
	status int
	// last is the newest microversion at which it does; 0 is every one, also those in which the operation never was.
	last api.Version
	// operations are methods and paths, and after them an action's name, one a line.
	operations string
}

// removals are what Nova no longer has and still knows, by the release whose stable branch is the first without it; what it
// has forgotten, Release.until leaves out. The code is what counts: what Nova says today of when an operation was removed
// is wrong for some.
var removals = []removal{
	// No nova-cert any more, and no cloudpipe.
	{pike, http.StatusGone, 0, `
		GET    /os-certificates/{id}
		POST   /os-certificates
		GET    /os-cloudpipe
		POST   /os-cloudpipe
		PUT    /os-cloudpipe/{id}`},
	// The first part of nova-network.
	{rocky, http.StatusGone, 0, `
		GET    /os-fixed-ips/{id}
		POST   /os-fixed-ips/{id}/action reserve
		POST   /os-fixed-ips/{id}/action unreserve
		GET    /os-floating-ip-dns
		PUT    /os-floating-ip-dns/{id}
		DELETE /os-floating-ip-dns/{id}
		GET    /os-floating-ip-dns/{id}/entries/{id}
		PUT    /os-floating-ip-dns/{id}/entries/{id}
		DELETE /os-floating-ip-dns/{id}/entries/{id}
		GET    /os-floating-ips-bulk
		GET    /os-floating-ips-bulk/{id}
		POST   /os-floating-ips-bulk
		PUT    /os-floating-ips-bulk/{id}
		GET    /os-fping
		GET    /os-fping/{id}
		GET    /servers/{id}/os-virtual-interfaces`},
	// The first cells.
	{train, http.StatusGone, 0, `
		GET    /os-cells
		POST   /os-cells
		GET    /os-cells/detail
		GET    /os-cells/info
		GET    /os-cells/capacities
		POST   /os-cells/sync_instances
		GET    /os-cells/{id}
		PUT    /os-cells/{id}
		DELETE /os-cells/{id}
		GET    /os-cells/{id}/capacities`},
	// The rest of nova-network, though networks_associate.py says 18.0.0; nova-console.
	{ussuri, http.StatusGone, 0, `
		POST   /os-networks
		POST   /os-networks/add
		DELETE /os-networks/{id}
		POST   /os-networks/{id}/action disassociate
		POST   /os-networks/{id}/action associate_host
		POST   /os-networks/{id}/action disassociate_host
		POST   /os-networks/{id}/action disassociate_project
		POST   /os-tenant-networks
		DELETE /os-tenant-networks/{id}
		GET    /os-security-group-default-rules
		POST   /os-security-group-default-rules
		GET    /os-security-group-default-rules/{id}
		DELETE /os-security-group-default-rules/{id}
		GET    /servers/{id}/consoles
		POST   /servers/{id}/consoles
		GET    /servers/{id}/consoles/{id}
		DELETE /servers/{id}/consoles/{id}`},
	// What only XenAPI did. (agents.py says 22.0.0; Victoria has them.)
	{wallaby, http.StatusGone, 0, `
		GET    /os-agents
		POST   /os-agents
		PUT    /os-agents/{id}
		DELETE /os-agents/{id}
		POST   /servers/{id}/action resetNetwork`},
	// Hyper-V, whose consoles were RDP's. The operations are still there for the other types.
	{caracal, http.StatusBadRequest, 5, `POST /servers/{id}/action os-getRDPConsole`},
	{caracal, http.StatusBadRequest, 30, `GET /os-console-auth-tokens/{id}`},
}

// explanations are what Nova says where it says no more than the status.
var explanations = map[int]string{
	http.StatusGone:       "This resource is no longer available.  No forwarding address is given.",
	http.StatusBadRequest: "The server could not comply with the request since it is either malformed or otherwise incorrect.",
}

var pathVariable = regexp.MustCompile(`\{[^/]*\}`)

// plainName is how an operation is called whatever the variables of its path are.
func plainName(operation string) string {
	return pathVariable.ReplaceAllString(strings.Join(strings.Fields(operation), " "), "{}")
}

// removed is by operation what the release has in place of what it no longer has.
func (r Release) removed() map[string]removal {
	of := map[string]removal{}
	for _, removal := range removals {
		if !r.since(removal.major) {
			continue
		}
		for operation := range strings.Lines(removal.operations) {
			of[plainName(operation)] = removal
		}
	}
	delete(of, "") // of empty lines
	return of
}

// routes are those of all routes that the release had, and in place of removed ones what says so.
func (r Release) routes(all []api.Route) []api.Route {
	removed := r.removed()
	refused := map[string]bool{}
	var served []api.Route
	for _, route := range all {
		name := plainName(route.Name())
		removal, gone := removed[name]
		if !gone {
			served = append(served, route)
			continue
		}
		if newer, some := route.Alias(route.Path(), fmt.Sprintf("2.%d-", removal.last+1)); removal.last != 0 && some {
			served = append(served, newer)
		}
		if !refused[name] {
			refused[name] = true
			served = append(served, removal.answer(route))
		}
	}
	return served
}

// answer is the operation as it says that it is gone.
func (r removal) answer(route api.Route) api.Route {
	route = route.Refused(api.NewFault(r.status, "%s", explanations[r.status])).Only("")
	if r.last != 0 {
		return route.Only(fmt.Sprintf("-2.%d", r.last))
	}
	return route
}
