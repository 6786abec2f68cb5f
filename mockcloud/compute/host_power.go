// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// PowerHost powers a host itself up or down, or restarts it: "startup", "shutdown", "reboot". From a shutdown on its
// service is down, and it takes no servers, until it is powered up. Errors are of kind NotFound, Unavailable (the
// service is said to be down) or NotImplemented (no driver that Nova has today can do it).
//
// Calls that come at once need no order: what shuts down is marked before anything ends, and what powers up only after
// everything is up, so that a host is never marked off with machines that run.
func (m *Manager) PowerHost(ctx context.Context, name, action string) error {
	h, err := m.hostUnless(ctx, name, func(h *Host) bool { return h.ForcedDown })
	if err != nil {
		return err
	}
	// Who asked may go: the host is not left between on and off.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(m.ctx, cancel)()
	power := func() error {
		return keeping(ctx, h, "HostPower", func(ctx context.Context, keeper driver.HostKeeper) error { return keeper.HostPower(ctx, action) })
	}
	mark := func(off bool) error { return m.UpdateHost(ctx, name, HostChange{poweredOff: &off}) }
	if action != "shutdown" {
		if err := power(); err != nil {
			return err
		}
		return mark(false)
	}
	if err := mark(true); err != nil { // first: no server shall come while the others go
		return err
	}
	if err := power(); err != nil {
		return errors.Join(err, mark(false))
	}
	return nil
}

// EnableHost lets a host take servers, or not, through its driver. Errors are PowerHost's.
func (m *Manager) EnableHost(ctx context.Context, name string, enabled bool) error {
	return m.maintain(ctx, name, !enabled)
}

// MaintainHost begins or ends a host's maintenance window, in which it takes no servers. Errors are
// PowerHost's.
func (m *Manager) MaintainHost(ctx context.Context, name string, on bool) error {
	return m.maintain(ctx, name, on)
}

func (m *Manager) maintain(ctx context.Context, name string, on bool) error {
	h, err := m.hostThatIsUp(ctx, name)
	if err != nil {
		return err
	}
	err = keeping(ctx, h, "HostMaintenance", func(ctx context.Context, keeper driver.HostKeeper) error {
		return keeper.HostMaintenance(ctx, on)
	})
	if err != nil {
		return err
	}
	return m.UpdateHost(ctx, name, HostChange{Disabled: &on})
}

// keeping is use, with Nova's words for a driver that cannot.
func keeping[A any](ctx context.Context, h *host, method string, do func(context.Context, A) error) error {
	if !can[A](h.Driver) {
		return refuse(NotImplemented, "The requested functionality is not supported.")
	}
	return use(ctx, h, method, "", do)
}

// HostUptime is what uptime(1) says on the host. Errors are of kind NotFound, Unavailable or NotImplemented.
func (m *Manager) HostUptime(ctx context.Context, name string) (uptime string, err error) {
	h, err := m.hostThatIsUp(ctx, name)
	if err != nil {
		return "", err
	}
	err = keeping(ctx, h, "HostUptime", func(ctx context.Context, teller driver.UptimeTeller) error {
		uptime, err = teller.HostUptime(ctx)
		return err
	})
	return uptime, err
}

// hostThatIsUp is the host of that name, if its service answers.
func (m *Manager) hostThatIsUp(ctx context.Context, name string) (*host, error) {
	return m.hostUnless(ctx, name, (*Host).down)
}

// hostUnless is the host of that name, unless it is down.
func (m *Manager) hostUnless(ctx context.Context, name string, isDown func(*Host) bool) (*host, error) {
	down := false
	err := m.Store.View(ctx, func(tx store.Tx) error {
		record, err := hostRecords.Get(tx, name)
		if errors.Is(err, store.ErrNotFound) {
			return refuse(NotFound, "Host %s could not be found.", name)
		}
		down = err == nil && isDown(record)
		return err
	})
	if err != nil {
		return nil, err
	}
	if down {
		return nil, unavailable(name)
	}
	return m.host(name)
}
