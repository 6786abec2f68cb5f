// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// kiloOnly are the versions of what only Kilo's API reference has: the paths that are names of extensions
// ("/flavors/os-flavor-manage"), and the parts that no later Nova turned on (os-pci, nodes of a server, v3's
// attach). Kilo itself ended at 2.3; they are served as long as Nova kept what else came of that time, its
// proxies, so that who uses both needs one version. From 2.36 on such a path is nobody's.
const kiloOnly = "-2.35"

// kiloRoutes is what only Kilo's API reference has; no release after it has any of it.
func (s *Service) kiloRoutes() []api.Route {
	routes := slices.Concat(
		s.pciRoutes(), s.serverNodeRoutes(), s.attachAction(), s.serverActionRoutes(), s.kiloFlavorRoutes(),
		s.kiloHypervisorRoutes(), s.kiloServiceRoutes(),
	)
	for i := range routes {
		routes[i] = routes[i].Only(kiloOnly)
	}
	return append(routes, s.kiloPaths()...)
}

// kiloPath is another path of an operation, with the success status that the reference says.
type kiloPath struct {
	operation, path string
	code            int
}

// kiloPathTable are the operations that the reference has under another path than Nova: that of the extension which
// they came with, or that of the project itself, whose quota it is.
func kiloPathTable() []kiloPath {
	const (
		rxtx, access, manage = "/flavors/os-flavor-rxtx", "/flavors/os-flavor-access", "/flavors/os-flavor-manage"
		specs                = "/flavors/os-flavor-extra-specs/{id}"
		interfaces           = "/servers/{id}/os-attach-interfaces"
		audit                = "/os-instance-usage-audit-log"
		quota                = "/os-quota-sets"
	)
	return []kiloPath{
		{"POST /flavors", rxtx, http.StatusOK},
		{"GET /flavors/detail", rxtx + "/detail", http.StatusOK},
		{"GET /flavors/{id}", rxtx + "/{id}", http.StatusOK},
		{"POST /flavors", access, http.StatusOK},
		{"GET /flavors/detail", access + "/detail", http.StatusOK},
		{"GET /flavors/{id}", access + "/{id}", http.StatusOK},
		{"POST /flavors/{id}/action addTenantAccess", access + "/{id}/action", http.StatusOK},
		{"POST /flavors/{id}/action removeTenantAccess", access + "/{id}/action", http.StatusOK},
		{"POST /flavors", manage, http.StatusCreated},
		{"DELETE /flavors/{id}", manage + "/{id}", http.StatusNoContent},
		{"GET /flavors/{id}/os-extra_specs", specs, http.StatusOK},
		{"POST /flavors/{id}/os-extra_specs", specs, http.StatusCreated},
		{"GET /flavors/{id}/os-extra_specs/{key}", specs + "/{key}", http.StatusOK},
		{"PUT /flavors/{id}/os-extra_specs/{key}", specs + "/{key}", http.StatusOK},
		{"GET /servers/{id}/os-interface", interfaces, http.StatusOK},
		{"POST /servers/{id}/os-interface", interfaces, http.StatusOK},
		{"GET /servers/{id}/os-interface/{port}", interfaces + "/{port}", http.StatusOK},
		{"DELETE /servers/{id}/os-interface/{port}", interfaces + "/{port}", http.StatusAccepted},
		{"GET /os-instance_usage_audit_log", audit, http.StatusOK},
		{"GET /os-instance_usage_audit_log/{before}", audit + "/{before}", http.StatusOK},
		{"PUT /os-quota-sets/{id}", quota, http.StatusOK},
		{"DELETE /os-quota-sets/{id}", quota, http.StatusNoContent},
		{"GET /os-quota-sets/{id}/defaults", quota + "/defaults", http.StatusOK},
		{"GET /os-quota-sets/{id}", quota + "/detail", http.StatusOK}, // its sample has the limits alone
		{"PUT /os-quota-sets/{id}", quota + "/", http.StatusOK},       // of a user
		{"DELETE /os-quota-sets/{id}", quota + "/", http.StatusNoContent},
		{"GET /os-services", "/os-services/detail", http.StatusOK},
	}
}

// kiloPaths are the routes of the table.
func (s *Service) kiloPaths() []api.Route {
	known := slices.Concat(
		s.flavorRoutes(), s.flavorAccessRoutes(), s.extraSpecRoutes(), s.interfaceRoutes(), s.usageAuditRoutes(), s.quotaSetRoutes(),
		s.serviceRoutes(),
	)
	var routes []api.Route
	for _, entry := range kiloPathTable() {
		at := slices.IndexFunc(known, func(r api.Route) bool { return r.Name() == entry.operation })
		alias, _ := known[at].Alias(entry.path, kiloOnly)
		routes = append(routes, alias.Code(entry.code))
	}
	return routes
}

// accessOfFlavors is what GET /flavors/os-flavor-access answers: whom each flavor that is not public is open to.
func (s *Service) accessOfFlavors(c *api.Call) (flavorAccessList, error) {
	all, err := s.allFlavors(c)
	list := flavorAccessList{Access: []FlavorAccess{}}
	for _, f := range all {
		list.Access = append(list.Access, f.access().Access...)
	}
	return list, err
}

func (s *Service) kiloFlavorRoutes() []api.Route {
	return []api.Route{api.Get("/flavors/os-flavor-access", "", s.accessOfFlavors).Policy(rule("os-flavor-access"))}
}

// kiloServiceDelete is the body of DELETE /os-services.
type kiloServiceDelete struct {
	Host   string `json:"host"   need:"2.1-" len:"1-255"`
	Binary string `json:"binary" need:"2.1-" len:"1-255"`
}

func (s *Service) kiloServiceRoutes() []api.Route {
	return []api.Route{api.DeleteNamed("/os-services", "", s.deleteServiceOf).Policy(rule("os-services:delete"))}
}

func (s *Service) deleteServiceOf(c *api.Call, in *kiloServiceDelete) error {
	all, err := s.Compute.Services(c.Context())
	if err != nil {
		return err
	}
	for _, service := range all {
		if service.Host == in.Host && service.Binary == in.Binary {
			return refused(s.Compute.DeleteService(c.Context(), service.ID))
		}
	}
	return api.NotFound("Service %s on host %s not found.", in.Binary, in.Host)
}
