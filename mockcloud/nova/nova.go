// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Options is what Nova's API is made of.
type Options struct {
	Store store.Store
	Clock clock.Clock
	Auth  api.Authenticator
	// Policy is who may do what; nil is Nova's default.
	Policy  api.Policy
	Compute *compute.Manager
	// SecurityGroups tells the names of the security groups on each instance's ports; nil shows
	// the groups that were asked for.
	SecurityGroups func(ctx context.Context, instanceIDs []string) (map[string][]string, error)
	// Neutron is the network service, which serves everything below /network/v2.0.
	Neutron http.Handler
	// Networks gives networks to projects and takes them, as Neutron's API does not.
	Networks Networks
	// NamesChanged, unless nil, is called after each change of what DNSZones tells. It outlives the request's context.
	NamesChanged func(ctx context.Context)
	// Images is the image service.
	Images Images
	// BlockStorage is the block storage service.
	BlockStorage BlockStorage
	// VPNImage is the image of projects' VPN servers (os-cloudpipe): its id, or its name.
	VPNImage string
	// BareMetal are the nodes of the bare metal service.
	BareMetal []BareMetalNode
	// BareMetalChanges has /os-baremetal-nodes change the inventory, which Nova otherwise refuses in Ironic's favour.
	BareMetalChanges bool
	// ConsoleURL is where a console of that type is reached with that token, given the cloud's URL; nil is a
	// cloud without consoles.
	ConsoleURL func(base, kind, token string) string
	// ProjectExists tells whether Keystone has a project (flavor access, quotas).
	ProjectExists func(ctx context.Context, id string) (bool, error)
	Log           *slog.Logger
	// RateLimits are how many requests a user may make; nil is as many as he likes.
	RateLimits []RateLimit
	// Release is the one whose API is served; the zero value serves what any had.
	Release Release
	// Random is where generated keys and passwords come from; nil is crypto/rand.
	Random io.Reader
}

// Service is Nova's API.
type Service struct {
	Options
	http  http.Handler
	rates *buckets
}

// maxLimit is Nova's max_limit: the longest page.
const maxLimit = 1000

// New makes the service. It panics where its own tables are wrong.
func New(options Options) *Service {
	s := &Service{Options: options, rates: newBuckets(options.RateLimits)}
	if s.Random == nil {
		s.Random = rand.Reader
	}
	if s.Policy == nil {
		s.Policy = s.Release.policy()
	}
	s.http = s.service().Handler()
	return s
}

// Handler serves everything below /compute.
func (s *Service) Handler() http.Handler { return s.http }

// Operations are all that Nova serves.
func (s *Service) Operations() []api.Operation { return s.service().Operations() }

func (s *Service) service() *api.Service {
	return &api.Service{
		Type: "compute", Prefix: "/compute",
		Mounts: s.Release.mounts([]api.Mount{
			{Path: "/v2.1", Project: true},
			{Path: "/v2", Project: true, Legacy: true},
			{Path: "/v1.1", Project: true, Legacy: true},
		}),
		Root:      s.versionRoutes(),
		Routes:    s.Release.routes(s.routes()),
		Elsewhere: s.versionChoices(),
		Versions:  s.Release.microversions(),
		Fault:     api.NovaFault,
		XML:       s.Release.xml(),
		Policy:    s.Policy,
		Auth:      s.Auth,
		Limit:     s.admitRate,
		Formats:   formats(),
		Log:       s.Log,
	}
}

func (s *Service) routes() []api.Route {
	all := slices.Concat(
		s.versionDocument(), s.flavorRoutes(), s.flavorAccessRoutes(), s.extraSpecRoutes(), s.keypairRoutes(),
		s.limitRoutes(), s.zoneRoutes(), s.serverRoutes(), s.serverActions(), s.metadataRoutes(), s.tagRoutes(),
		s.addressRoutes(), s.instanceActionRoutes(),
		s.hostGroup(), s.networkGroup(), s.volumeGroup(), s.volumeProxyGroup(), s.moveGroup(), s.stateGroup(), s.accountGroup(),
		s.legacyGroup(),
	)
	return append(all, volumesBoot(all)...)
}

// caller is who asks, as compute knows it.
func caller(c *api.Call) compute.Caller {
	return compute.Caller{
		RequestID: c.RequestID, UserID: c.Identity.UserID, UserName: c.Identity.UserName,
		ProjectID: c.Identity.ProjectID, ProjectName: c.Identity.ProjectName, Admin: c.Identity.Admin(),
	}
}

// statuses are the HTTP statuses of compute's kinds of error.
var statuses = map[compute.Kind]int{
	compute.BadRequest:     http.StatusBadRequest,
	compute.Forbidden:      http.StatusForbidden,
	compute.NotFound:       http.StatusNotFound,
	compute.Conflict:       http.StatusConflict,
	compute.Unavailable:    http.StatusServiceUnavailable,
	compute.NotImplemented: http.StatusNotImplemented,
}

// refused is compute's error as a fault; one that is nobody's fault but ours stays what it is.
func refused(err error) error {
	if err == nil || api.AsFault(err) != nil {
		return err
	}
	if status, known := statuses[compute.KindOf(err)]; known {
		return api.NewFault(status, "%s", err)
	}
	return err
}

// noMarker is what the collections say of an unknown marker that do not say "marker [x] not found".
func noMarker(marker string) error { return api.BadRequest("Marker %s could not be found.", marker) }

func isNotFound(err error) bool {
	return errors.Is(err, store.ErrNotFound) || compute.KindOf(err) == compute.NotFound
}
