// SPDX-License-Identifier: MPL-2.0

package servergroup

import (
	"context"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servergroups"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

type model struct {
	ID               types.String `tfsdk:"id"`
	Name             types.String `tfsdk:"name"`
	Policy           types.String `tfsdk:"policy"`
	MaxServerPerHost types.Int64  `tfsdk:"max_server_per_host"`
	Members          types.Set    `tfsdk:"members"`
	ProjectID        types.String `tfsdk:"project_id"`
	UserID           types.String `tfsdk:"user_id"`
}

// The microversions of what a server group may have.
const (
	withSoft  client.Microversion = 15 // policies that the scheduler may break
	withRules client.Microversion = 64 // and one policy in place of a list with one
)

// features are what needs more than 2.1.
var features = []struct {
	name  string
	since client.Microversion
	used  func(model) bool
}{
	{"policy", withSoft, func(m model) bool { return strings.HasPrefix(m.Policy.ValueString(), "soft-") }},
	{"max_server_per_host", withRules, func(m model) bool { return value.Known(m.MaxServerPerHost) }},
}

// policy is the one that every group has, however old the answer.
func policy(g *servergroups.ServerGroup) string {
	if g.Policy != nil {
		return *g.Policy
	}
	return strings.Join(g.Policies, ",")
}

// take fills in what is true of the group.
func (m *model) take(g *servergroups.ServerGroup) {
	m.ID = types.StringValue(g.ID)
	m.Name = types.StringValue(g.Name)
	m.Policy = types.StringValue(policy(g))
	m.MaxServerPerHost = types.Int64Null()
	if g.Rules != nil && g.Rules.MaxServerPerHost > 0 {
		m.MaxServerPerHost = types.Int64Value(int64(g.Rules.MaxServerPerHost))
	}
	m.Members = value.SetOf(append([]string{}, g.Members...))
	m.ProjectID = value.Text(g.ProjectID)
	m.UserID = value.Text(g.UserID)
}

// identify writes the identity where the caller keeps one.
func (m *model) identify(ctx context.Context, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if identity == nil {
		return nil
	}
	return identity.SetAttribute(ctx, path.Root("id"), m.ID)
}
