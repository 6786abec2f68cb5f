// SPDX-License-Identifier: MPL-2.0

// Package client makes gophercloud clients from the provider's settings: one token, one connection
// pool and one reading of the version document for all resources of a provider.
package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Config is the provider block, and what surrounds it.
type Config struct {
	// Block holds the settings that the provider block makes.
	Block Settings
	// Endpoints replaces the catalogue's URL of a service type ("compute": "https://...").
	Endpoints map[string]string
	// MaxRetries is how often a request is tried again; MaxMicroversion, unless 0, the newest
	// microversion that is used.
	MaxRetries      int
	MaxMicroversion Microversion
	// UserAgent goes before gophercloud's.
	UserAgent string
	// Lookup reads the environment.
	Lookup func(name string) string
	Clock  wait.Clock
}

// Client is an authenticated way to one region of one cloud. It is safe for concurrent use.
type Client struct {
	provider  *gophercloud.ProviderClient
	endpoint  gophercloud.EndpointOpts
	overrides map[string]string
	ceiling   Microversion
	clock     wait.Clock
	retries   int
	backoff   wait.Backoff
	creates   sync.Map // by what OnceAmong makes: *creates

	mu      sync.Mutex
	offered Microversion // 0 until read
}

// New authenticates. Its error is a *SettingError if it is known which setting is at fault.
func New(ctx context.Context, config Config) (*Client, error) {
	settings, err := resolve(config.Block, config.Lookup)
	if err != nil {
		return nil, err
	}
	options, err := authOptions(settings)
	if err != nil {
		return nil, err
	}
	kind, err := availability(settings)
	if err != nil {
		return nil, err
	}
	pool, err := transport(settings)
	if err != nil {
		return nil, err
	}
	provider, err := openstack.NewClient(options.IdentityEndpoint)
	if err != nil {
		return nil, &SettingError{AuthURL, "Invalid Identity URL", err.Error()}
	}
	backoff := wait.Backoff{First: 500 * time.Millisecond, Factor: 2, Max: 30 * time.Second, Jitter: 0.3}
	provider.HTTPClient = http.Client{CheckRedirect: follow, Transport: retrier{
		next: bounded{logged{pool, config.Clock}, exchange}, clock: config.Clock, max: config.MaxRetries, backoff: backoff,
	}}
	provider.UserAgent.Prepend(config.UserAgent)
	if err := openstack.Authenticate(ctx, provider, options); err != nil {
		return nil, &AuthError{Address: options.IdentityEndpoint, Sources: settings.sources(), Err: err}
	}
	return &Client{
		provider: provider, overrides: config.Endpoints, ceiling: config.MaxMicroversion, clock: config.Clock,
		retries: config.MaxRetries, backoff: backoff,
		endpoint: gophercloud.EndpointOpts{Region: settings.value(Region), Availability: kind},
	}, nil
}

// AuthError is Keystone's refusal, with the sources of what it refused.
type AuthError struct {
	Address, Sources string
	Err              error
}

func (e *AuthError) Error() string {
	return fmt.Sprintf("authentication at %s failed: %s", e.Address, e.Err)
}

func (e *AuthError) Unwrap() error { return e.Err }

// Clock is the clock that the client waits by.
func (c *Client) Clock() wait.Clock { return c.clock }

// Pause is the pause after an attempt and its earlier ones. It ends with ctx, and with that of which ctx is Whole.
func (c *Client) Pause(ctx context.Context, earlier int) error {
	return c.clock.Sleep(beyond(ctx), c.backoff.Pause(earlier))
}

// Region is the region that the client works in; "" is the catalogue's first.
func (c *Client) Region() string { return c.endpoint.Region }

// Image is a client of Glance's API v2.
func (c *Client) Image() (*gophercloud.ServiceClient, error) {
	service, err := c.service("image")
	if err != nil {
		return nil, err
	}
	service.ResourceBase = strings.TrimSuffix(service.Endpoint, "v2/") + "v2/"
	return service, nil
}

// Network is a client of Neutron's API v2.0.
func (c *Client) Network() (*gophercloud.ServiceClient, error) {
	service, err := c.service("network")
	if err != nil {
		return nil, err
	}
	service.ResourceBase = strings.TrimSuffix(service.Endpoint, "v2.0/") + "v2.0/"
	return service, nil
}

// Volume is a client of Cinder's API v3.
func (c *Client) Volume() (*gophercloud.ServiceClient, error) { return c.service("block-storage") }

// service finds an endpoint in the catalogue. Unlike gophercloud's constructors it asks no endpoint for
// its versions: that is one call a service, to learn what the catalogue's type says already.
func (c *Client) service(kind string) (*gophercloud.ServiceClient, error) {
	address, ok := c.overrides[kind]
	if !ok {
		options := c.endpoint
		options.ApplyDefaults(kind)
		found, err := c.provider.EndpointLocator(options)
		if err != nil {
			return nil, &NoEndpointError{Service: kind, Region: c.endpoint.Region, Kind: string(options.Availability)}
		}
		address = found
	}
	return &gophercloud.ServiceClient{
		ProviderClient: c.provider, Endpoint: gophercloud.NormalizeURL(address), Type: kind,
	}, nil
}

// NoEndpointError says that the catalogue lacks a service.
type NoEndpointError struct{ Service, Region, Kind string }

func (e *NoEndpointError) Error() string {
	where := ""
	if e.Region != "" {
		where = fmt.Sprintf(" in region %q", e.Region)
	}
	return fmt.Sprintf("the cloud's catalogue has no %s endpoint of type %s%s; region, endpoint_type and "+
		"endpoint_overrides of the provider decide which is used", e.Kind, e.Service, where)
}

// At is a client of Nova's API at exactly the microversion v. The error is a *TooOldError if the cloud,
// or max_microversion, does not allow it.
func (c *Client) At(ctx context.Context, v Microversion) (*gophercloud.ServiceClient, error) {
	if err := c.Check(ctx, v); err != nil {
		return nil, err
	}
	service, err := c.service("compute")
	if err != nil {
		return nil, err
	}
	service.Microversion = v.String()
	return service, nil
}

// Best is a client of Nova's API at the newest microversion that the cloud offers and that is not
// newer than v, and that microversion.
func (c *Client) Best(ctx context.Context, v Microversion) (*gophercloud.ServiceClient, Microversion, error) {
	offers, err := c.Offers(ctx)
	if err != nil {
		return nil, 0, err
	}
	v = min(v, c.allowed(offers))
	service, err := c.At(ctx, v)
	return service, v, err
}

// Check is nil if the microversion v may be used, else a *TooOldError or the failure to find out.
func (c *Client) Check(ctx context.Context, v Microversion) error {
	if v <= 1 {
		return nil // every Nova that has microversions has this one
	}
	offers, err := c.Offers(ctx)
	if err != nil {
		return err
	}
	switch {
	case v > offers:
		return &TooOldError{Needs: v, Offers: offers}
	case v > c.allowed(offers):
		return &TooOldError{Needs: v, Offers: offers, Ceiling: c.ceiling}
	}
	return nil
}

func (c *Client) allowed(offers Microversion) Microversion {
	if c.ceiling != 0 {
		return min(offers, c.ceiling)
	}
	return offers
}

// Offers is the newest microversion of the cloud, read once from its version document.
func (c *Client) Offers(ctx context.Context) (Microversion, error) {
	c.mu.Lock()
	defer c.mu.Unlock() // the others wait for this one answer rather than ask as well
	if c.offered != 0 {
		return c.offered, nil
	}
	service, err := c.service("compute")
	if err != nil {
		return 0, err
	}
	var document struct {
		Version struct {
			Version string `json:"version"`
		} `json:"version"`
	}
	if _, err := service.Get(ctx, root(service.Endpoint), &document, nil); err != nil {
		return 0, fmt.Errorf("reading the version document of Nova: %w", err)
	}
	if document.Version.Version == "" {
		c.offered = 1 // a Nova older than microversions
		return c.offered, nil
	}
	c.offered, err = ParseMicroversion(document.Version.Version)
	return c.offered, err
}

// root cuts what follows the version in an endpoint: older catalogues add the project's id.
func root(endpoint string) string {
	for _, version := range []string{"/v2.1/", "/v2/"} {
		if before, _, ok := strings.Cut(endpoint, version); ok {
			return before + version
		}
	}
	return endpoint
}

// ErrNotConfigured is what a data source meets before anyone called Configure.
var ErrNotConfigured = errors.New("the provider is not configured")
