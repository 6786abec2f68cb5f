// SPDX-License-Identifier: MPL-2.0

package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// model is a server as configured, planned or in the state: one part for each concern, in a file of its own.
type model struct {
	shown
	labelling
	booting
	password
	placing
	sizing
	powering
	locking
	networking
	grouping
	storing
	waiting
	ending
	ID       types.String   `tfsdk:"id"`
	Timeouts timeouts.Value `tfsdk:"timeouts"`

	believing bool     `tfsdk:"-"` // of a plan: whether the server was imported and not changed since
	dataHash  string   `tfsdk:"-"` // of a plan: of the user data of a server that was moved from another provider, in hex; "" if not known
	plugged   *plugged `tfsdk:"-"` // of a plan: what was attached and detached so far
}

// take fills in what is true of the server. What Nova does not show stays as it is in m.
func (m *model) take(s *nova.Server, flavorID string, groups []string) {
	importing := m.Name.IsNull()
	m.shown.take(s)
	m.labelling.take(s, importing)
	m.booting.take(s, importing, m.bootsFromVolume())
	m.AdminPassWO = types.StringNull()
	m.placing.take(s, importing)
	m.FlavorID = types.StringValue(flavorID)
	m.powering.take(s, importing)
	m.locking.take(s, importing)
	m.SecurityGroups = value.SetOf(groups)
	m.ID = types.StringValue(s.ID)
	if importing {
		m.Networks = types.ListNull(networkType())
		m.WaitFor = types.ObjectNull(signTypes())
	}
}

// hold plans the values of the state for what the update cannot change, so that nothing which depends on it is held up.
// stays is whether the server is left where it is, and in the status that it is in. What the configuration does not know yet
// is not known in the plan either.
func (m *model) hold(config, state model, stays bool) {
	m.shown.hold(state.shown, stays, m.FlavorID.Equal(state.FlavorID))
	if m.Metadata.Equal(state.Metadata) {
		m.AllMetadata = state.AllMetadata
	}
	m.labelling.hold(config.labelling, state.labelling)
	m.booting.hold(config.booting, state.booting)
	m.placing.hold(config.placing, state.placing)
	m.powering.hold(config.powering, state.powering)
	m.grouping.hold(config.grouping, state.grouping)
	if m.Locked.IsUnknown() && config.Locked.IsNull() {
		m.Locked = state.Locked
	}
}

// reveal adds what only the configuration has: the write-only attributes.
func (m *model) reveal(config model) {
	m.UserDataWO, m.AdminPassWO = config.UserDataWO, config.AdminPassWO
	if !m.Rescue.IsNull() {
		m.Rescue = config.Rescue
	}
}

// set writes the state: basis, with what is true of the server.
func (r *server) set(ctx context.Context, state *tfsdk.State, basis model, found *nova.Server, diags *diag.Diagnostics) {
	flavorID, err := r.flavorID(ctx, basis, found)
	if err != nil {
		diags.Append(diagnose.Failure("Read Flavor of", "Server", found.Name, err))
		return
	}
	groups, err := r.groups(ctx, basis, found)
	if err != nil {
		diags.Append(diagnose.Failure("Read Security Groups of", "Server", found.Name, err))
		return
	}
	basis.take(found, flavorID, groups)
	if err := r.readDevices(ctx, &basis, found); err != nil {
		diags.Append(diagnose.Failure("Read Devices of", "Server", found.Name, err))
		return
	}
	diags.Append(state.Set(ctx, basis)...)
}

// settle is set after a success. What was planned to be, is so in the state, even if others have changed it in the
// meantime: Terraform would take that for a fault of the provider. The next refresh shows it.
func (r *server) settle(ctx context.Context, state *tfsdk.State, plan tfsdk.Plan, basis model, found *nova.Server, diags *diag.Diagnostics) {
	r.set(ctx, state, basis, found, diags)
	if diags.HasError() {
		return
	}
	kept, err := promised(plan.Raw, state.Raw)
	if err != nil {
		diags.AddError("Unable to Keep What Was Planned", err.Error())
		return
	}
	state.Raw = kept
}

// promised is found with the values that the plan knew.
func promised(plan, found tftypes.Value) (tftypes.Value, error) {
	wanted, kept := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if err := errors.Join(plan.As(&wanted), found.As(&kept)); err != nil {
		return found, err
	}
	for name, v := range wanted {
		if v.IsFullyKnown() {
			kept[name] = v
		}
	}
	return tftypes.NewValue(found.Type(), kept), nil
}

func holdText(plan *types.String, config, state types.String) {
	if plan.IsUnknown() && config.IsNull() {
		*plan = state
	}
}

func pointer(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// errOf is the first of diags as an error.
func errOf(diags diag.Diagnostics) error {
	for _, d := range diags.Errors() {
		return fmt.Errorf("%s: %s", d.Summary(), d.Detail())
	}
	return nil
}
