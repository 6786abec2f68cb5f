// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// chattering prints a letter several times in a millisecond, so that its console shows for how long it stood still.
var chattering = []byte{
	0xba, 0xf8, 0x03, // mov dx, 0x3f8
	0xb0, 0x74, // chat: mov al, 't'
	0xee,             // out dx, al
	0xb9, 0x00, 0x20, // mov cx, 0x2000
	0xe2, 0xfe, // loop
	0xeb, 0xf6, // jmp chat
}

// BenchmarkLiveMigration is from the call to its return, and for how long the guest is still, beside the same two
// QEMUs told by hand over QMP. The two take turns, so that a busy machine is busy for both.
func BenchmarkLiveMigration(b *testing.B) {
	for name, copied := range map[string]bool{"shared": false, "copied": true} {
		b.Run(name, func(b *testing.B) {
			from, to := twoHosts(b)
			m := newMachine(bootSector(chattering))
			if err := from.Spawn(b.Context(), m); err != nil {
				b.Fatal(err)
			}
			var total, still [2]time.Duration
			for b.Loop() {
				for i, migrate := range []func() error{
					func() error {
						return from.LiveMigrate(b.Context(), m.ID, driver.LiveMove{To: to, Machine: m, CopyDisks: copied})
					},
					func() error { return migrateByHand(b.Context(), from, to, m.ID, copied) },
				} {
					console := from.machine(m.ID).console()
					eventually(b, "chatter", func() bool {
						info, err := os.Stat(console)
						return err == nil && info.Size() > 1000
					})
					gap := silence(b, console)
					start := clock.Wall().Now()
					if err := migrate(); err != nil {
						b.Fatal(err)
					}
					total[i] += clock.Wall().Now().Sub(start)
					still[i] += gap()
					from, to = to, from
				}
			}
			for i, by := range []string{"driver", "hand"} {
				b.ReportMetric(float64(total[i].Milliseconds())/float64(b.N), "ms/"+by)
				b.ReportMetric(float64(still[i].Microseconds())/1000/float64(b.N), "ms-still/"+by)
			}
		})
	}
}

// silence watches a console until end is called, which tells for how long it was silent at most.
func silence(b *testing.B, path string) (end func() time.Duration) {
	b.Helper()
	f, err := os.Open(path) // both QEMUs write to it
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	longest := make(chan time.Duration, 1)
	go func() {
		defer f.Close()
		wall := clock.Wall()
		var size int64
		var most time.Duration
		last := wall.Now()
		for wall.Sleep(ctx, 200*time.Microsecond) == nil {
			info, err := f.Stat()
			if err != nil {
				break
			}
			now := wall.Now()
			if info.Size() > size {
				most, size, last = max(most, now.Sub(last)), info.Size(), now
			}
		}
		longest <- most
	}()
	return func() time.Duration {
		_ = clock.Wall().Sleep(ctx, 50*time.Millisecond) // the first letters from the other side
		stop()
		return <-longest
	}
}

// migrateByHand is what an operator does who knows QMP, without a thought of what may go wrong.
func migrateByHand(ctx context.Context, from, to *Host, id string, copied bool) error {
	m, err := from.find(id)
	if err != nil {
		return err
	}
	there := to.machine(id)
	there.shape = m.spec()
	if err := errors.Join(to.add(there), there.make(), saveJSON(there.record(), there.shape), os.Link(m.console(), there.console())); err != nil {
		return err
	}
	if copied {
		if _, err := to.opts.Images.twin(ctx, m.root(), there.root()); err != nil {
			return err
		}
	} else if err := os.Link(m.root(), there.root()); err != nil {
		return err
	}
	in, err := to.launch(ctx, there, &incoming{uri: "defer"})
	if err != nil {
		return err
	}
	h := hand{source: side{from, m, m.instance()}, dest: side{to, there, in}}
	if err := h.migrate(ctx, copied); err != nil {
		return err
	}
	return from.discard(m)
}

type hand struct {
	source, dest side
	left, come   <-chan qmp.Event
}

// step is a command, and what is waited for after it.
type step struct {
	side    side
	command string
	args    obj
	events  <-chan qmp.Event
	until   string // an event's name, or a status of MIGRATION
}

func (h *hand) migrate(ctx context.Context, copied bool) (err error) {
	var endLeft, endCome func()
	if h.left, endLeft, err = h.source.q.listen(); err != nil {
		return err
	}
	defer endLeft()
	if h.come, endCome, err = h.dest.q.listen(); err != nil {
		return err
	}
	defer endCome()
	uri, nbd := obj{"uri": "unix:" + h.dest.m.crossing()}, obj{"type": "unix", "path": h.dest.m.nbd()}
	events := able(map[string]bool{"events": true, "pause-before-switchover": copied, "postcopy-ram": false})
	before := []step{
		{h.dest, "nbd-server-start", obj{"addr": obj{"type": "unix", "data": obj{"path": h.dest.m.nbd()}}}, nil, ""},
		{h.dest, "block-export-add", obj{"type": "nbd", "id": "root", "node-name": "node-root", "name": "root", "writable": true}, nil, ""},
		{h.source, "blockdev-add", obj{"driver": "nbd", "node-name": "copy", "export": "root", "server": nbd}, nil, ""},
		{h.source, "blockdev-mirror", obj{"job-id": "copy", "device": "node-root", "target": "copy", "sync": "top"}, h.left, "BLOCK_JOB_READY"},
	}
	between := []step{
		{h.source, "block-job-cancel", obj{"device": "copy"}, h.left, "BLOCK_JOB_COMPLETED"},
		{h.dest, "nbd-server-stop", obj{}, nil, ""},
		{h.source, "migrate-continue", obj{"state": "pre-switchover"}, nil, ""},
	}
	until := "pre-switchover"
	if !copied {
		before, between, until = nil, nil, ""
	}
	steps := append(before,
		step{h.source, "migrate-set-capabilities", events, nil, ""}, step{h.dest, "migrate-set-capabilities", events, nil, ""},
		step{h.source, "migrate-set-parameters", obj{"max-bandwidth": fullBandwidth, "downtime-limit": 30}, nil, ""},
		step{h.dest, "migrate-incoming", uri, nil, ""})
	if h.source.opts.Accel == TCG { // as the driver does
		steps = append(steps, step{h.source, "stop", obj{}, nil, ""})
	}
	steps = append(steps, step{h.source, "migrate", uri, h.left, until})
	steps = append(append(steps, between...),
		step{h.dest, "query-status", obj{}, h.come, "completed"}, step{h.dest, "cont", obj{}, nil, ""})
	for _, s := range steps {
		if err := s.do(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *step) do(ctx context.Context) error {
	if err := s.side.do(ctx, s.command, s.args, nil); err != nil || s.until == "" {
		return err
	}
	for {
		select {
		case e := <-s.events:
			if status, _ := e.Data["status"].(string); e.Event == s.until || status == s.until {
				return nil
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
