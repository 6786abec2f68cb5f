// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// unit is one of the processes that a Cinder has, as far as operators see it: here all are this one.
type unit struct {
	Binary         string
	Host           string
	Disabled       bool
	DisabledReason *string
	Frozen         bool
}

// units are the services of a cloud that nobody has changed.
var units = []unit{{Binary: "cinder-scheduler", Host: host}, {Binary: volumeBinary, Host: backend}}

const volumeBinary = "cinder-volume"

// unitTable has the services that were changed.
var unitTable = &store.Table[unit]{
	Name: "cinder.services",
	Key:  func(u *unit) string { return u.Binary },
}

func (o *op) unit(binary string) (*unit, error) {
	u, err := unitTable.Get(o.tx, binary)
	if errors.Is(err, store.ErrNotFound) {
		at := slices.IndexFunc(units, func(u unit) bool { return u.Binary == binary })
		if at < 0 {
			return nil, err
		}
		own := units[at]
		return &own, nil
	}
	return u, err
}

// notFrozen refuses changes while the backend is frozen.
func (o *op) notFrozen() error {
	u, err := o.unit(volumeBinary)
	if err == nil && u.Frozen {
		err = invalidInput.of("Modification operations are not allowed on frozen storage resources.")
	}
	return err
}

// serviceView is a service as operators see it.
type serviceView struct {
	Binary            string           `json:"binary"`
	Host              string           `json:"host"`
	Zone              string           `json:"zone"`
	Status            string           `json:"status"`
	State             string           `json:"state"`
	UpdatedAt         api.Micros       `json:"updated_at"`
	DisabledReason    *string          `json:"disabled_reason"`
	Cluster           *string          `json:"cluster" nova:"3.7-"`
	BackendState      api.Opt[string]  `json:"backend_state,omitempty" nova:"3.49-"`
	ReplicationStatus api.Opt[string]  `json:"replication_status,omitempty"`
	ActiveBackendID   api.Opt[*string] `json:"active_backend_id,omitempty"`
	Frozen            api.Opt[bool]    `json:"frozen,omitempty"`
}

func (o *op) serviceView(u *unit) serviceView {
	view := serviceView{
		Binary: u.Binary, Host: u.Host, Zone: zone, Status: enabled(!u.Disabled), State: "up", UpdatedAt: api.Micros{Time: o.now},
		DisabledReason: u.DisabledReason,
	}
	if u.Binary == volumeBinary {
		view.BackendState, view.ReplicationStatus = api.Some("up"), api.Some("not-capable")
		view.ActiveBackendID, view.Frozen = api.Some[*string](nil), api.Some(u.Frozen)
	}
	return view
}

func enabled(is bool) string {
	if is {
		return "enabled"
	}
	return "disabled"
}

func (s *Service) serviceRoutes() []api.Route {
	const update = "volume_extension:services:update"
	return []api.Route{
		api.Get("/os-services", "services", s.listServices).Policy("volume_extension:services:index"),
		api.Put("/os-services/enable", "", s.switchService(false)).Policy(update),
		api.Put("/os-services/disable", "", s.switchService(true)).Policy(update),
		api.Put("/os-services/disable-log-reason", "", s.disableWithReason).Policy(update),
		api.Put("/os-services/freeze", "", s.freeze(true)).Policy("volume:freeze_host"),
		api.Put("/os-services/thaw", "", s.freeze(false)).Policy("volume:thaw_host"),
		api.Get("/os-hosts", "hosts", s.listHosts).Policy("volume_extension:hosts"),
		api.Get("/os-hosts/{host}", "host", s.showHost).Policy("volume_extension:hosts"),
	}
}

func (o *op) units() ([]*unit, error) {
	all := make([]*unit, 0, len(units))
	for _, u := range units {
		own, err := o.unit(u.Binary)
		if err != nil {
			return nil, err
		}
		all = append(all, own)
	}
	return all, nil
}

func (s *Service) listServices(c *api.Call) ([]serviceView, error) {
	asked := c.Request.URL.Query()
	return reading(s, c, func(o *op) ([]serviceView, error) {
		all, err := o.units()
		views := []serviceView{}
		for _, u := range all {
			if binary := asked.Get("binary"); binary != "" && binary != u.Binary {
				continue
			}
			// A host finds its backends, too.
			if at := asked.Get("host"); at != "" && at != u.Host && at+"@files" != u.Host {
				continue
			}
			views = append(views, o.serviceView(u))
		}
		return views, err
	})
}

type serviceBody struct {
	Binary  string          `json:"binary"  len:"1-255"`
	Service string          `json:"service" len:"1-255"`
	Host    api.Opt[string] `json:"host"    null:"ok" len:"1-255"`
	Cluster api.Opt[string] `json:"cluster" null:"ok" len:"0-255"`
}

type disableBody struct {
	serviceBody
	Reason api.Opt[string] `json:"disabled_reason" len:"1-255"`
}

type serviceChange struct {
	Host     string          `json:"host"`
	Service  string          `json:"service"`
	Binary   string          `json:"binary"`
	Status   string          `json:"status"`
	Disabled bool            `json:"disabled"`
	Reason   api.Opt[string] `json:"disabled_reason,omitempty"`
}

// changeService changes the service that the body names.
func (s *Service) changeService(c *api.Call, in serviceBody, change func(*unit)) (serviceChange, error) {
	binary := in.Binary + in.Service
	if in.Binary != "" {
		binary = in.Binary
	}
	if binary == "" || in.Host.Value == "" {
		return serviceChange{}, invalidInput.of("Host field is missing.")
	}
	return changing(s, c, func(o *op) (serviceChange, error) {
		u, err := o.unit(binary)
		if errors.Is(err, store.ErrNotFound) || err == nil && u.Host != in.Host.Value {
			return serviceChange{}, serviceNotFound.of(binary, in.Host.Value)
		}
		if err != nil {
			return serviceChange{}, err
		}
		change(u)
		return serviceChange{
			Host: u.Host, Service: in.Service, Binary: in.Binary, Status: enabled(!u.Disabled), Disabled: u.Disabled,
		}, unitTable.Put(o.tx, u)
	})
}

func (s *Service) switchService(off bool) func(*api.Call, *serviceBody) (serviceChange, error) {
	return func(c *api.Call, in *serviceBody) (serviceChange, error) {
		return s.changeService(c, *in, func(u *unit) { u.Disabled, u.DisabledReason = off, nil })
	}
}

func (s *Service) disableWithReason(c *api.Call, in *disableBody) (serviceChange, error) {
	answer, err := s.changeService(c, in.serviceBody, func(u *unit) { u.Disabled, u.DisabledReason = true, in.Reason.Pointer() })
	answer.Reason = in.Reason
	return answer, err
}

type hostBody struct {
	Host    api.Opt[string] `json:"host"    null:"ok" len:"1-255"`
	Cluster api.Opt[string] `json:"cluster" null:"ok" len:"0-255"`
}

func (s *Service) freeze(frozen bool) func(*api.Call, *hostBody) (api.None, error) {
	return func(c *api.Call, in *hostBody) (api.None, error) {
		return api.None{}, s.change(c.Context(), c.Identity, func(o *op) error {
			u, err := o.unit(volumeBinary)
			switch {
			case err != nil:
				return err
			case in.Host.Value == "":
				return invalidInput.of("Host field is missing.")
			case in.Host.Value != u.Host:
				return invalidInput.because("No service found with host=%s", in.Host.Value)
			case u.Frozen == frozen:
				return invalidInput.because("No service could be changed: frozen in ['%s'] must be %s to failover.", u.Host, pythonBool(!frozen))
			}
			u.Frozen = frozen
			return unitTable.Put(o.tx, u)
		})
	}
}

// hostView is a service as the old API of hosts shows it.
type hostView struct {
	Name    string     `json:"host_name"`
	Service string     `json:"service"`
	Zone    string     `json:"zone"`
	Status  string     `json:"service-status"`
	State   string     `json:"service-state"`
	Updated api.Micros `json:"last-update"`
}

func (s *Service) listHosts(c *api.Call) ([]hostView, error) {
	return reading(s, c, func(o *op) ([]hostView, error) {
		all, err := o.units()
		views := []hostView{}
		for _, u := range all {
			views = append(views, hostView{u.Host, u.Binary, zone, "available", enabled(!u.Disabled), api.Micros{Time: o.now}})
		}
		return views, err
	})
}

// hostResource is what a project has on a host; Cinder spells the numbers as strings.
type hostResource struct {
	Resource map[string]string `json:"resource"`
}

func (s *Service) showHost(c *api.Call) ([]hostResource, error) {
	if c.Var("host") != backend {
		return nil, api.NewFault(http.StatusNotFound, "Host %s could not be found.", c.Var("host"))
	}
	return reading(s, c, func(o *op) ([]hostResource, error) {
		type sum struct{ volumes, size, snapshots, snapshotSize int }
		sums, order := map[string]*sum{"(total)": {}}, []string{"(total)"}
		of := func(project string) []*sum {
			if sums[project] == nil {
				sums[project] = &sum{}
				order = append(order, project)
			}
			return []*sum{sums[project], sums["(total)"]}
		}
		volumes, err := volumeTable.All(o.tx)
		if err != nil {
			return nil, err
		}
		for _, v := range volumes {
			for _, each := range of(v.ProjectID) {
				each.volumes++
				each.size += v.Size
			}
		}
		snapshots, err := snapshotTable.All(o.tx)
		for _, snapshot := range snapshots {
			for _, each := range of(snapshot.ProjectID) {
				each.snapshots++
				each.snapshotSize += snapshot.Size
			}
		}
		views := []hostResource{}
		for _, project := range order {
			n := sums[project]
			views = append(views, hostResource{map[string]string{
				"host": backend, "project": project, "volume_count": strconv.Itoa(n.volumes), "total_volume_gb": strconv.Itoa(n.size),
				"snapshot_count": strconv.Itoa(n.snapshots), "total_snapshot_gb": strconv.Itoa(n.snapshotSize),
			}})
		}
		return views, err
	})
}
