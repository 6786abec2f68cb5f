// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// TestAbortThatNobodyWaitsFor is recorded as done, as it is, though its caller went away meanwhile.
func TestAbortThatNobodyWaitsFor(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	c := start(t, func(config *compute.Config, options *sim.Options) {
		taking(sim.Times{LiveMigration: time.Hour})(config, options)
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			err := next(ctx)
			if call.Method == "abort live migration" {
				leave()
			}
			return err
		}
	})
	inst := c.active(t)
	if err := c.LiveMigrate(t.Context(), admin, inst.ID, compute.LiveMigrateRequest{CopyDisks: true}); err != nil {
		t.Fatal(err)
	}
	c.blocked(t, 1)
	number := strconv.FormatInt(c.migration(t, inst.ID, compute.MigrationRunning).Number, 10)
	if err := c.AbortMigration(ctx, admin, inst.ID, number, false); err != nil || ctx.Err() == nil {
		t.Errorf("AbortMigration = %v, %v", err, ctx.Err())
	}
	c.settle(t)
	c.migration(t, inst.ID, compute.MigrationCancelled)
	actions, err := c.InstanceActions(t.Context(), inst.ID)
	if err != nil || !slices.ContainsFunc(actions, func(a *compute.InstanceAction) bool { return a.Action == "live_migration_cancel" }) {
		t.Errorf("actions %+v, %v", actions, err)
	}
}
