// SPDX-License-Identifier: MPL-2.0

// Package session is what the provider's Configure hands to its resources, data sources, ephemeral resources, list
// resources (which configure themselves as resources do) and actions.
package session

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Session is a configured provider.
type Session struct {
	client  *client.Client
	servers *wait.Poller[*nova.Server]
	unknown []string
	devices exclusive
	read    sync.Map // the ids of what Terraform has refreshed
}

// pauses is the pace of looking at what is waited for.
func pauses() wait.Backoff {
	return wait.Backoff{First: 50 * time.Millisecond, Factor: 1.6, Max: 5 * time.Second, Jitter: 0.2}
}

// New is a session with a cloud.
func New(c *client.Client) *Session {
	return &Session{client: c, servers: wait.NewPoller[*nova.Server](nova.Servers{Client: c}, c.Clock(), pauses())}
}

// Unknown is a session without a cloud, because these settings of the provider block are known only
// after apply. Plans that need no answer of the cloud work with it.
func Unknown(settings []string) *Session { return &Session{unknown: settings} }

// Resource is embedded by resources.
type Resource struct{ *Session }

// Configure takes over what the provider's Configure made.
func (r *Resource) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	r.Session, _ = req.ProviderData.(*Session)
}

// DataSource is embedded by data sources.
type DataSource struct{ *Session }

// Configure takes over what the provider's Configure made.
func (d *DataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	d.Session, _ = req.ProviderData.(*Session)
}

// Ephemeral is embedded by ephemeral resources.
type Ephemeral struct{ *Session }

// Configure takes over what the provider's Configure made.
func (e *Ephemeral) Configure(_ context.Context, req ephemeral.ConfigureRequest, _ *ephemeral.ConfigureResponse) {
	e.Session, _ = req.ProviderData.(*Session)
}

// Action is embedded by actions.
type Action struct{ *Session }

// Configure takes over what the provider's Configure made.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, _ *action.ConfigureResponse) {
	a.Session, _ = req.ProviderData.(*Session)
}

// Known is whether there is a cloud to ask.
func (s *Session) Known() bool { return s != nil && s.client != nil }

// Cloud is the client, or nil after an error in diags.
func (s *Session) Cloud(diags *diag.Diagnostics) *client.Client {
	if s.Known() {
		return s.client
	}
	detail := client.ErrNotConfigured.Error()
	if s != nil {
		detail = fmt.Sprintf("These settings of the provider block are not known yet: %s. Apply what they depend on first, "+
			"with -target for example.", strings.Join(s.unknown, ", "))
	}
	diags.AddError("Provider Not Configured", detail)
	return nil
}

// Servers are the servers of the cloud. Only after Cloud.
func (s *Session) Servers() nova.Servers { return nova.Servers{Client: s.client} }

// Await is the server once done says true of it; see wait.Poller.Until. All servers of a provider share
// its calls.
func (s *Session) Await(ctx context.Context, id string, done func(*nova.Server, error) (bool, error)) (*nova.Server, error) {
	return s.servers.Until(ctx, id, done)
}

// Refresh notes that Terraform has refreshed the thing with that id, which it does only for a plan.
func (s *Session) Refresh(id string) { s.read.Store(id, true) }

// Refreshed is whether it has, since it configured the provider: it does so anew when it applies a plan.
func (s *Session) Refreshed(id string) bool {
	if s == nil {
		return false
	}
	_, is := s.read.Load(id)
	return is
}
