// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"sync"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// machine is one machine of a host, on or off.
type machine struct {
	files

	id   string
	line serialLine // its serial port, shared out

	talking turn // with the guest's agent

	mu    sync.Mutex
	shape spec // what machine.json says; see change
	state driver.State
	err   error     // why the machine is not whole
	on    *instance // nil when it is off
	since time.Time // when we turned it on, found it on, or saw it reset, in wall time
	asked bool      // a call is ending the instance: its end is no event
}

// status is the machine's, as List tells of it.
func (m *machine) status() driver.Status {
	m.mu.Lock()
	defer m.mu.Unlock()
	return driver.Status{ID: m.id, State: m.state, Err: m.err}
}

// spec is what the machine is now.
func (m *machine) spec() spec {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.shape.clone()
}

// change changes what the machine is, on disk first. Only calls change it, and those of one machine are
// made one at a time.
func (m *machine) change(do func(*spec)) error {
	s := m.spec()
	do(&s)
	if err := saveJSON(m.record(), s); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shape = s
	return nil
}

func (m *machine) turnOn(q *instance, state driver.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.on, m.state, m.asked, m.since = q, state, false, clock.Wall().Now()
}

// restarted: the guest of an instance was reset.
func (m *machine) restarted(q *instance) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on == q {
		m.since = clock.Wall().Now()
	}
}

// young is the instance of a guest that may be booting yet: one that began less than limit ago; else nil.
func (m *machine) young(limit time.Duration) *instance {
	m.mu.Lock()
	defer m.mu.Unlock()
	if clock.Wall().Now().Sub(m.since) >= limit {
		return nil
	}
	return m.on
}

// turnOff records the end of q, and tells whether a call had asked for it.
func (m *machine) turnOff(q *instance, state driver.State) (asked bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on == q {
		m.on, m.state = nil, state
		if m.asked {
			m.state = m.offState()
		}
	}
	return m.asked
}

// setState changes the state of a machine that is on, if it still is.
func (m *machine) setState(q *instance, state driver.State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on == q {
		m.state = state
	}
}

// instance is nil when the machine is off.
func (m *machine) instance() *instance {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.on
}

// ask returns the instance, whose end is expected from now on; nil when the machine is off, crashed
// or not, and then it is plainly off.
func (m *machine) ask() *instance {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.on == nil && m.err == nil {
		m.state = m.offState()
	}
	m.asked = true
	return m.on
}

// unask: the instance goes on after all.
func (m *machine) unask() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = false
}
