// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// supervise follows an instance until its process ends, which the kernel tells at once, or the host
// is closed, which leaves the process running.
func (h *Host) supervise(m *machine, q *instance) {
	ended := make(chan string, 1)
	h.tasks.Go(func() {
		defer close(ended)
		if how, err := q.proc.wait(); err == nil {
			ended <- how
		}
	})
	var timer clock.Timer // once QEMU has shut down, it should end
	var overdue <-chan time.Time
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	events := q.events
	for {
		select {
		case e, more := <-events:
			if !more {
				events = nil // the process says the rest
				continue
			}
			h.note(m, q, e)
			if q.shutdown != "" && timer == nil {
				timer = clock.Wall().Timer(quitLimit)
				overdue = timer.C()
			}
		case heard := <-q.asks:
			h.noteAll(m, q, events)
			close(heard)
		case <-overdue:
			h.opts.Log.Warn("QEMU shut down but does not end", "machine", m.id, "pid", q.proc.pid)
			if err := q.proc.kill(); err != nil { // Stop and Destroy will try again
				h.opts.Log.Error("killing QEMU failed", "machine", m.id, "pid", q.proc.pid, "error", err)
			}
		case how := <-ended:
			for e := range q.events { // they end with the process's socket
				h.note(m, q, e)
			}
			q.proc.release()
			h.ended(m, q, how)
			return
		case <-h.ctx.Done():
			_ = q.mon.Disconnect()
			q.proc.release()
			<-ended
			return
		}
	}
}

// noteAll notes the events that are there already.
func (h *Host) noteAll(m *machine, q *instance, events <-chan qmp.Event) {
	for {
		select {
		case e, more := <-events:
			if !more {
				return
			}
			h.note(m, q, e)
		default:
			return
		}
	}
}

// note keeps the machine's state by QEMU's events.
func (h *Host) note(m *machine, q *instance, e qmp.Event) {
	states := map[string]driver.State{
		"STOP": driver.Paused, "RESUME": driver.Running, "SUSPEND": driver.Suspended, "WAKEUP": driver.Running,
	}
	if state, ok := states[e.Event]; ok && q.shutdown == "" {
		m.setState(q, state)
	}
	switch e.Event {
	case "SHUTDOWN":
		if q.shutdown != "" {
			return // the end of a guest that has ended by itself
		}
		q.shutdown, _ = e.Data["reason"].(string)
		if q.shutdown == "" {
			q.shutdown = "unknown"
		}
	case "RESET": // is no SHUTDOWN: QEMU goes on
		m.restarted(q)
		if guest, _ := e.Data["guest"].(bool); guest {
			select {
			case q.reset <- struct{}{}:
			default:
			}
		}
	case "BLOCK_IO_ERROR": // a write that found the disk full stops the guest, which cont lets try again
		if action, _ := e.Data["action"].(string); action == "stop" {
			reason, _ := e.Data["reason"].(string)
			h.opts.Log.Warn("guest stopped", "machine", m.id, "reason", reason)
			h.notices.add(driver.Event{ID: m.id, State: driver.Paused, Reason: "guest stopped: " + reason, Time: h.opts.Clock.Now()})
		}
	case "WATCHDOG":
		h.barked(m, q, e)
	case "GUEST_PANICKED":
		q.shutdown = "guest-panic"
		h.tasks.Go(func() { h.panicked(m, q) })
	}
}

// ends are SHUTDOWN's reasons, in QEMU's words, and what they make of the machine.
var ends = map[string]struct {
	state  driver.State
	reason string
}{
	"guest-shutdown": {driver.Shutdown, "guest shut down"},
	"guest-panic":    {driver.Crashed, "guest panicked"},
	watchdogEnd:      {driver.Shutdown, "watchdog powered off"},
	"host-qmp-quit":  {driver.Shutdown, "QEMU was told to quit"},
	"host-signal":    {driver.Shutdown, "QEMU was terminated by a signal"},
	"unknown":        {driver.Shutdown, "QEMU shut down"},
}

// ended records the end of an instance, and tells of it unless a call had asked for it.
func (h *Host) ended(m *machine, q *instance, how string) {
	end, known := ends[q.shutdown]
	switch {
	case !known && q.shutdown != "":
		end.state, end.reason = driver.Shutdown, "QEMU shut down: "+q.shutdown
	case !known && how != "":
		end.state, end.reason = driver.Crashed, "QEMU "+how
	case !known:
		end.state, end.reason = driver.Crashed, "QEMU died"
	}
	asked := m.turnOff(q, end.state)
	h.opts.Log.Info("machine ended", "machine", m.id, "pid", q.proc.pid, "reason", end.reason, "asked", asked)
	if !asked {
		h.notices.add(driver.Event{ID: m.id, State: end.state, Reason: end.reason, Time: h.opts.Clock.Now()})
	}
	close(q.gone)
}

// notices carry events to whoever reads them, without ever holding up who tells them.
type notices struct {
	out  chan driver.Event
	wake chan struct{}

	mu    sync.Mutex
	queue []driver.Event
}

func newNotices() *notices {
	return &notices{out: make(chan driver.Event), wake: make(chan struct{}, 1)}
}

func (n *notices) add(e driver.Event) {
	n.mu.Lock()
	n.queue = append(n.queue, e)
	n.mu.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notices) next() (driver.Event, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) == 0 {
		return driver.Event{}, false
	}
	e := n.queue[0]
	n.queue = n.queue[1:]
	return e, true
}

// pump sends until stop is closed.
func (n *notices) pump(stop <-chan struct{}) {
	for {
		e, ok := n.next()
		if !ok {
			select {
			case <-n.wake:
				continue
			case <-stop:
				return
			}
		}
		select {
		case n.out <- e:
		case <-stop:
			return
		}
	}
}
