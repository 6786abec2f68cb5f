// SPDX-License-Identifier: MPL-2.0

// Package mockcloud is an OpenStack cloud in Go: a complete Nova, with as much Keystone, Glance, Neutron,
// Cinder and Placement as Nova and its clients need. This package puts the services together and is
// the only one that knows all of them.
//
// What runs servers and joins them is given to it (Options.Hosts, Options.Fabric): simulated machines without a
// network, or QEMU's on the network of package network. Either way it is one http.Handler: the services below the
// paths of their catalogue entries, consoles below /console, and below /mock/v1 what no OpenStack has: connections
// to guests, floating IPs' port map, screenshots, the journals of notifications and requests, the rules by which
// requests fail.
//
// For Go tests there is cloudtest; for people, cmd/mockcloud.
package mockcloud

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cinder"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/console"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/fault"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/glance"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/journal"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/keystone"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// Cloud is a running cloud. Several in one process do not know of each other.
type Cloud struct {
	Keystone *keystone.Keystone
	Glance   *glance.Service
	Neutron  *neutron.Service
	Cinder   *cinder.Service
	Nova     *nova.Service
	Compute  *compute.Manager

	consoles      *console.Proxy
	topology      topology
	options       Options
	own           []driver.Driver
	http          http.Handler
	vendorData    json.RawMessage
	notifications *journal.Journal[compute.Notification]
	requests      *journal.Journal[Request]
	faults        *fault.Rules
}

// New makes a cloud on what options say, settles what an earlier process left unfinished in its store,
// and is ready to serve. Close it.
func New(ctx context.Context, options Options) (cloud *Cloud, err error) {
	c := &Cloud{
		notifications: journal.New[compute.Notification](keptNotifications), requests: journal.New[Request](keptRequests),
	}
	if c.vendorData, err = readVendorData(options.VendorDataFile); err != nil {
		return nil, err
	}
	if c.options, c.own, err = options.completed(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	for _, step := range []func(context.Context) error{c.makeNeighbours, c.makeVolumes, c.makeCompute, c.makeNova, c.seed, c.open} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	c.consoles = console.New(c.openConsole, c.options.Log)
	if c.http, err = c.mount(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Cloud) makeNeighbours(ctx context.Context) (err error) {
	o := c.options
	catalog, moved, err := o.catalog()
	if err != nil {
		return err
	}
	if c.Keystone, err = keystone.New(ctx, keystone.Options{
		Store: o.Store, Clock: o.Clock, Log: o.Log, Passwords: o.Passwords, FirstPasswords: o.FirstPasswords, TokenLife: o.TokenLife,
		Catalog: catalog, Moved: moved,
	}); err != nil {
		return err
	}
	if c.Glance, err = glance.New(ctx, glance.Options{
		Store: o.Store, Clock: o.Clock, Auth: c.Keystone, Log: o.Log, Dir: o.ImageDir, Pace: o.Pace.Of,
	}); err != nil {
		return err
	}
	c.Neutron, err = neutron.New(neutron.Options{
		Store: o.Store, Clock: o.Clock, Auth: c.Keystone, Log: o.Log, Changed: c.networkChanged, Altered: c.followTopology, Hosts: c.networkHosts,
		DefaultRules: defaultRules,
	})
	return err
}

// networkChanged is Neutron telling Nova of a server's ports.
func (c *Cloud) networkChanged(ctx context.Context, server string) {
	if err := c.Compute.NetworkChanged(ctx, server); err != nil {
		c.options.Log.Error("a server's network is not what its ports are", "server", server, "error", err)
	}
}

func (c *Cloud) makeCompute(context.Context) (err error) {
	o := c.options
	c.Compute, err = compute.New(compute.Config{
		Store: o.Store, Clock: o.Clock, Hosts: o.Hosts, Images: images{c.Glance}, Networks: networks{c.Neutron}, Volumes: volumes{c.Cinder},
		Shares: shares(o.Shares),
		Fabric: o.Fabric, ConfigDrive: c.configDrive, Pace: o.Pace.Of, Notify: c.notifications.Add, Log: o.Log,
		Quotas: o.Quotas, DefaultScheduleZone: o.DefaultScheduleZone, ReclaimInterval: o.ReclaimInterval,
		ResizeConfirmWindow: o.ResizeConfirmWindow, ShelvedOffloadTime: o.ShelvedOffloadTime,
	})
	return err
}

func (c *Cloud) makeNova(context.Context) (err error) {
	o := c.options
	release, err := nova.FindRelease(o.Release)
	if err != nil {
		return fmt.Errorf("the option Release: %w", err)
	}
	var policy api.Policy
	if o.PolicyFile != "" {
		if policy, err = release.PolicyFromFile(o.PolicyFile, o.Log); err != nil {
			return err
		}
	}
	c.Nova = nova.New(nova.Options{
		NamesChanged: c.followTopology,
		Store:        o.Store, Clock: o.Clock, Auth: c.Keystone, Policy: policy, Compute: c.Compute, Log: o.Log,
		Images: imageProxy{c.Glance}, BlockStorage: volumeProxy{c.Cinder}, BareMetal: o.BareMetal, BareMetalChanges: o.BareMetalChanges, VPNImage: cmp.Or(o.VPNImage, GuestImage), ProjectExists: c.Keystone.ProjectExists, SecurityGroups: c.Neutron.GroupNames, Neutron: c.Neutron.Handler(), Networks: c.Neutron,
		ConsoleURL: console.URL, RateLimits: o.RateLimits, Release: release,
	})
	return nil
}

// open begins to serve guests and settles the volumes and the servers.
func (c *Cloud) open(ctx context.Context) error {
	c.options.Fabric.Serve(c.metadata)
	c.followTopology(ctx)
	if err := c.Cinder.Open(ctx); err != nil {
		return err
	}
	return c.Compute.Open(ctx)
}

// Handler serves all services on one port, each below its prefix.
func (c *Cloud) Handler() http.Handler { return c.http }

func (c *Cloud) mount() (http.Handler, error) {
	services := map[string]http.Handler{
		"identity": c.Keystone.Handler(), "image": c.Glance.Handler(), "network": c.Neutron.Handler(),
		"compute": c.Nova.Handler(), "mock": c.control(),
		"volume":    c.Cinder.Handler(),
		"placement": c.placement(),
	}
	c.faults = fault.New(operations(services))
	if err := c.faults.Replace(c.options.Faults); err != nil {
		return nil, fmt.Errorf("the option Faults: %w", err)
	}
	for prefix, service := range services {
		if prefix != controlType { // who breaks the cloud can mend it
			service = c.judged(service)
		}
		services[prefix] = c.traced(service)
	}
	services["console"] = c.consoles // whose requests hold tokens
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prefix, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		service := services[prefix]
		switch {
		case service != nil:
			service.ServeHTTP(w, r)
		case prefix == "healthz":
			_, _ = fmt.Fprintln(w, "ok")
		default:
			http.NotFound(w, r)
		}
	}), nil
}

// Close ends what is under way. Machines that can outlive the process go on running; the store, the
// fabric and the hosts that came with Options stay open.
func (c *Cloud) Close() error {
	var errs []error
	if c.consoles != nil {
		errs = append(errs, c.consoles.Close())
	}
	if c.Compute != nil {
		errs = append(errs, c.Compute.Close())
	}
	if c.Cinder != nil {
		errs = append(errs, c.Cinder.Close())
	}
	for _, d := range c.own {
		errs = append(errs, d.Close())
	}
	return errors.Join(errs...)
}
