// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// SyncCells begins to bring what is recorded of servers in children into line with what their hosts say, and
// returns. In Nova the children sent what their databases had; here that is what the hosts know: the power state
// of each machine. Of deleted servers, where the filter passes them, machines that are still there are destroyed.
func (m *Manager) SyncCells(ctx context.Context, filter Filter) error {
	hosts, err := m.hostsOfChildren(ctx)
	if err != nil || len(hosts) == 0 {
		return err
	}
	all, err := m.List(ctx, filter)
	if err != nil {
		return err
	}
	deleted := map[string]bool{}
	for _, inst := range all {
		switch {
		case !inst.Live():
			deleted[inst.ID] = true
		case slices.Contains(hosts, inst.Host):
			m.syncWhereItIs(inst.ID)
		}
	}
	for _, name := range hosts {
		if h := m.hosts[name]; h != nil && len(deleted) > 0 {
			m.inTurn("host "+name, "", func(ctx context.Context) { h.destroyDeleted(ctx, deleted) })
		}
	}
	return nil
}

// hostsOfChildren are the names of the hosts that are in any child, in order.
func (m *Manager) hostsOfChildren(ctx context.Context) (names []string, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		names = nil
		hosts, err := m.hostsIn(tx)
		if err != nil {
			return err
		}
		children, err := m.childHosts(tx, hosts)
		for _, in := range children {
			for _, h := range in {
				names = append(names, h.Name)
			}
		}
		return err
	})
	slices.Sort(names)
	return slices.Compact(names), err
}

// destroyDeleted destroys those of the host's machines whose servers are deleted.
func (h *host) destroyDeleted(ctx context.Context, deleted map[string]bool) {
	found, err := h.list(ctx)
	if err != nil {
		h.m.Log.Error("machines not compared with deleted instances", "host", h.Name, "error", err)
		return
	}
	for _, machine := range found {
		if !deleted[machine.ID] {
			continue
		}
		h.m.Log.Warn("machine of a deleted instance", "host", h.Name, "machine", machine.ID)
		if err := h.destroy(ctx, machine.ID); err != nil {
			h.m.Log.Error("machine not destroyed", "host", h.Name, "machine", machine.ID, "error", err)
		}
	}
}
