// SPDX-License-Identifier: MPL-2.0

package hostdrain

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/operation"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/settings"
)

// work is a drain under way.
type work struct {
	session  *session.Session
	host     string
	tell     func(string)
	how      operation.Live
	limit    time.Duration // of each server
	parallel int
	leave    bool // the servers that do not run stay
	confirm  bool // resizes that wait for it
	up       bool // whether the host's service answers
	pause    func(ctx context.Context, earlier int) error

	mu     sync.Mutex
	stayed []stayed
	left   map[string]bool // the ids of the servers that have
	blind  bool            // whether this user is not shown migrations
}

// stayed is a server that did not leave.
type stayed struct {
	server *nova.Server
	why    error
}

// live is how running servers are to move. Those that take too long are aborted where Nova can: they would arrive, or
// fail, when nobody looks any more.
func live(ctx context.Context, c *client.Client, in settings.Settings) operation.Live {
	how := operation.Live{
		ForceAfter: in.Duration("force_complete_after"), Abort: c.Check(ctx, nova.AbortsMigrations) == nil,
	}
	if in.Has("block_migration") {
		block := in.Flag("block_migration")
		how.Block = &block
	}
	return how
}

// run moves all servers away, and those that came meanwhile: what was being built when the host was disabled. It ends
// when the host is empty, or holds only servers that cannot leave.
func (w *work) run(ctx context.Context) error {
	for late := 0; ; {
		here, err := w.servers(ctx)
		if err == nil && len(here) == 0 {
			here, err = w.returnable(ctx)
		}
		if err != nil {
			return errors.Join(err, w.failure())
		}
		if len(here) == 0 {
			break
		}
		if slices.ContainsFunc(here, func(s *nova.Server) bool { return w.left[s.ID] }) { // a list that comes late
			if err := w.pause(ctx, late); err != nil {
				return errors.Join(ended(err), w.failure())
			}
			late++
		}
		w.tell(fmt.Sprintf("%s: %d servers to move, %d at once", w.host, len(here), min(w.parallel, len(here))))
		w.round(ctx, here)
		if err := ctx.Err(); err != nil {
			return errors.Join(ended(err), w.failure())
		}
	}
	if err := w.failure(); err != nil {
		return err
	}
	w.tell(fmt.Sprintf("%s: empty; %d servers have left", w.host, len(w.left)))
	return nil
}

// ended says for people why ctx ended.
func ended(err error) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("the drain was interrupted; what Nova had begun to move, it moves on: %w", err)
	}
	return fmt.Errorf("servers are left: %w", err)
}

// servers are those on the host that are to leave and were not tried yet, by their names.
func (w *work) servers(ctx context.Context) (here []*nova.Server, err error) {
	query := url.Values{"all_tenants": {"1"}, "host": {w.host}}
	for server, err := range w.session.Servers().All(ctx, query) {
		if err != nil {
			return nil, err
		}
		switch { // Nova leaves out filters that it does not allow the user
		case server.Host == "" && server.HostID != "":
			return nil, errors.New("this user is not shown which servers are on which host, so that none can be known to be empty")
		case server.Host == w.host && !w.tried(server.ID) && !w.leaves(server):
			here = append(here, server)
		}
	}
	slices.SortFunc(here, func(a, b *nova.Server) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return here, nil
}

// leaves is whether the server stays because it does not run.
func (w *work) leaves(server *nova.Server) bool {
	return w.leave && (server.Status == nova.Shutoff || server.Status == nova.Shelved)
}

// errLeft: a server does not run, now that it has come to rest.
var errLeft = errors.New("servers that do not run stay")

// tried is whether it is known already that a server stays.
func (w *work) tried(id string) bool {
	return slices.ContainsFunc(w.stayed, func(s stayed) bool { return s.server.ID == id })
}

// round moves these servers, some at a time, and returns when each has left or is known to stay.
func (w *work) round(ctx context.Context, here []*nova.Server) {
	turns := make(chan *nova.Server)
	var movers sync.WaitGroup
	for range min(w.parallel, len(here)) {
		movers.Go(func() {
			for server := range turns {
				w.move(ctx, server)
			}
		})
	}
	for _, server := range here {
		turns <- server
	}
	close(turns)
	movers.Wait()
}

// move moves one server, and notes what came of it.
func (w *work) move(ctx context.Context, server *nova.Server) {
	limited, cancel := context.WithTimeout(ctx, w.limit)
	defer cancel()
	o, err := operation.New(limited, w.session, server.ID, w.tell)
	if err == nil {
		err = w.off(limited, o)
		server = o.Server
	}
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = fmt.Errorf("it took longer than server_timeout, %s: %s", w.limit, err) //nolint:errorlint // not the drain's own limit
	}
	if diagnose.NotFound(err) { // deleted meanwhile: it has left, too
		err = nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if errors.Is(err, errLeft) {
		return
	}
	if err != nil {
		w.stayed = append(w.stayed, stayed{server, err})
		w.tell(fmt.Sprintf("%s: stays, as %s", server.Name, firstLine(diagnose.Cause(err))))
		return
	}
	w.left[server.ID] = true
}

// off moves a server off the host, in the way that its status allows.
func (w *work) off(ctx context.Context, o *operation.Operation) error {
	if o.Server.TaskState != "" {
		if err := o.Idle(ctx); err != nil {
			return err
		}
	}
	if o.Server.Host != w.host {
		if returns, err := w.returns(ctx, o.Server); err != nil || !returns {
			return err
		}
		return w.settle(ctx, o)
	}
	if w.leaves(o.Server) {
		return errLeft
	}
	if !w.up && o.Server.Status != nova.Offloaded {
		return &diagnose.Hinted{
			Err:  errors.New("the host's compute service is down: no server can leave it by itself"),
			Hint: "nova_server_evacuate brings up elsewhere what ran on a host that is off.",
		}
	}
	switch o.Server.Status {
	case nova.Active, nova.Paused:
		return o.MoveLive(ctx, w.how)
	case nova.Shutoff:
		return o.MoveCold(ctx, "", true)
	case nova.Shelved:
		_, err := o.Ask(ctx, operation.Order{At: 1, Record: "shelveOffload", Body: map[string]any{"shelveOffload": nil}})
		if err != nil {
			return err
		}
		return o.Arrive(ctx, operation.In(nova.Offloaded))
	case nova.VerifyResize:
		if err := w.settle(ctx, o); err != nil {
			return err
		}
		return w.off(ctx, o)
	case nova.Error:
		return operation.Fault(o.Server)
	}
	return fmt.Errorf("servers in status %s cannot be moved", o.Server.Status)
}

// failure lists the servers that stayed, nil if there are none.
func (w *work) failure() error {
	if len(w.stayed) == 0 {
		return nil
	}
	slices.SortFunc(w.stayed, func(a, b stayed) int { return cmp.Compare(a.server.Name, b.server.Name) })
	var b strings.Builder
	fmt.Fprintf(&b, "%d servers have left, %d stay:", len(w.left), len(w.stayed))
	for _, s := range w.stayed {
		fmt.Fprintf(&b, "\n\n- %s (%s), %s: %s", s.server.Name, s.server.ID, s.server.Status, strings.ReplaceAll(diagnose.Cause(s.why), "\n", "\n  "))
	}
	return errors.New(b.String())
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
