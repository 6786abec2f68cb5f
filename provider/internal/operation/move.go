// SPDX-License-Identifier: MPL-2.0

package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// ChoosesColdHost is the first microversion whose cold migration can be told where to.
const ChoosesColdHost client.Microversion = 56

// Live is how a running server is to be moved.
type Live struct {
	Host       string        // "" for the scheduler's choice
	Block      *bool         // whether local disks are copied; nil leaves it to Nova
	ForceAfter time.Duration // after which Nova is to end it even if the guest has to pause for it; 0 for never
	Abort      bool          // take it back when the time is up
}

// abortion is how long to wait until a migration is taken back.
const abortion = time.Minute

// MoveLive moves a running or paused server to another host.
func (o *Operation) MoveLive(ctx context.Context, how Live) error {
	body := map[string]any{"host": nil, "block_migration": "auto"}
	if how.Host != "" {
		body["host"] = how.Host
	}
	if how.Block != nil {
		body["block_migration"] = *how.Block
	}
	_, at, err := o.client.Best(ctx, nova.Newest)
	if err != nil {
		return err
	}
	if at < nova.ChoosesBlockCopy {
		body["block_migration"], body["disk_over_commit"] = how.Block != nil && *how.Block, false
	}
	from := o.Server.HostID
	_, err = o.Ask(ctx, Order{At: at, Record: "live-migration", Body: map[string]any{"os-migrateLive": body}})
	if err != nil {
		return err
	}
	force := forcing{o: o, after: how.ForceAfter, began: o.client.Clock().Now()}
	err = o.arrive(ctx, course{
		there: Left(from), detail: func() string { return o.copied(ctx) }, each: func() error { return force.look(ctx) },
		stray: func() error { return o.stayed(ctx) },
	})
	if how.Abort && errors.Is(err, context.DeadlineExceeded) {
		err = o.abort(ctx, from, err)
	}
	if err == nil {
		o.Tell("moved %s", o.Where())
	}
	return err
}

// Where is the host that the server is on, for those who may know it.
func (o *Operation) Where() string {
	if o.Server.Host == "" {
		return "to another host"
	}
	return "to host " + o.Server.Host
}

// stayed is how the last migration ended if it did not get the server anywhere. Nova's record of the request does not
// tell: it is complete as soon as the copying begins.
func (o *Operation) stayed(ctx context.Context) error {
	migration, err := o.session.Servers().LastMigration(ctx, o.Server.ID)
	if err != nil || migration == nil {
		return nil //nolint:nilerr // who may not see migrations judges by the server alone
	}
	switch migration.Status {
	case "error", "failed", "cancelled":
		return fmt.Errorf("the migration ended as %q, and the server is %s where it was (request id: %s)",
			migration.Status, o.Server.Status, o.request)
	}
	return nil
}

// copied is how far the live migration is.
func (o *Operation) copied(ctx context.Context) string {
	migration, err := o.session.Servers().LiveMigration(ctx, o.Server.ID)
	if err != nil || migration == nil {
		return ""
	}
	return progress(*migration)
}

func progress(m nova.LiveMigration) string {
	text := "migration " + m.Status
	total, left := m.MemoryTotal+m.DiskTotal, m.MemoryRemaining+m.DiskRemaining
	if total > 0 && m.Status != "queued" {
		text += fmt.Sprintf(", %d %% copied, %d MiB remain", 100*(total-min(left, total))/total, left>>20)
	}
	return text
}

// forcing ends a live migration that takes too long.
type forcing struct {
	o     *Operation
	after time.Duration
	began time.Time
	done  bool
}

// look forces the migration when it is time to. What Nova refuses is tried again at the next look: only a migration that
// runs can be forced.
func (f *forcing) look(ctx context.Context) error {
	if f.after == 0 || f.done || f.o.client.Clock().Now().Sub(f.began) < f.after {
		return nil
	}
	servers := f.o.session.Servers()
	migration, err := servers.LiveMigration(ctx, f.o.Server.ID)
	if err != nil || migration == nil {
		return err
	}
	err = servers.ForceComplete(ctx, f.o.Server.ID, migration.ID)
	switch status := diagnose.Status(err); {
	case err == nil:
		f.done = true
		f.o.Tell("not done after %s: Nova is to force its end", elapsed(f.after))
	case status == 400 || status == 404 || status == 409: // not running yet, or just over
		return nil
	}
	return err
}

// abort takes a live migration back whose time is up; late is the error that says so.
func (o *Operation) abort(ctx context.Context, from string, late error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortion)
	defer cancel()
	servers := o.session.Servers()
	migration, err := servers.LiveMigration(ctx, o.Server.ID)
	if err == nil && migration != nil {
		o.Tell("time is up: Nova is to abort the migration")
		err = servers.AbortMigration(ctx, o.Server.ID, migration.ID)
	}
	if err == nil {
		err = o.Idle(ctx)
	}
	if err != nil {
		return fmt.Errorf("%w. Aborting it failed: %s", late, diagnose.Cause(err))
	}
	if Left(from)(o.Server) { // it came to its end first
		return nil
	}
	return fmt.Errorf("the live migration was aborted, and the server is %s where it was: %w", o.Server.Status, context.DeadlineExceeded)
}

// MoveCold moves a server to another host by stopping it if it runs, and starts it there if it ran. It ends in
// VERIFY_RESIZE, or with confirm as the server was.
func (o *Operation) MoveCold(ctx context.Context, host string, confirm bool) error {
	order := Order{At: 1, Record: "migrate", Body: map[string]any{"migrate": nil}}
	if host != "" {
		order.At, order.Body["migrate"] = ChoosesColdHost, map[string]any{"host": host}
	}
	from := o.Server.HostID
	if _, err := o.Ask(ctx, order); err != nil {
		return err
	}
	moved, verify := Left(from), In(nova.VerifyResize)
	err := o.Arrive(ctx, func(s *nova.Server) bool { return verify(s) || moved(s) }) // the cloud may confirm by itself
	if err != nil {
		return err
	}
	o.Tell("moved %s", o.Where())
	if !confirm || !verify(o.Server) {
		return nil
	}
	return o.Confirm(ctx)
}

// Confirm confirms a resize or a cold migration.
func (o *Operation) Confirm(ctx context.Context) error {
	_, err := o.Ask(ctx, Order{At: 1, Record: "confirmResize", Body: map[string]any{"confirmResize": nil}})
	if err != nil && !diagnose.Conflict(err) { // a conflict is the cloud's own confirmation, which came first
		return err
	}
	return o.Arrive(ctx, In(nova.Active, nova.Shutoff))
}
