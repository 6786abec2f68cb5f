// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// AgentBuild is a build of the agent that runs in guests (API: os-agents): which one guests of a hypervisor, an
// operating system and an architecture are to have. Nova's XenAPI driver brought it to the guests; no driver here
// has such an agent, so it is kept and told as Nova did with any other hypervisor.
type AgentBuild struct {
	Number       int64 // id: counts up from 1
	Hypervisor   string
	OS           string
	Architecture string
	Version      string
	URL          string // where the build is
	MD5          string // of the build, in hexadecimal
}

const (
	byGuest      = "guest"
	byHypervisor = "hypervisor"
)

var agentBuilds = store.Table[AgentBuild]{
	Name: "compute_agent_builds",
	Key:  func(a *AgentBuild) string { return agentBuildKey(a.Number) },
	Indexes: []store.Index[AgentBuild]{
		{Name: byGuest, Unique: true, Of: func(a *AgentBuild) []string {
			return []string{fmt.Sprintf("%q %q %q", a.Hypervisor, a.OS, a.Architecture)}
		}},
		{Name: byHypervisor, Of: func(a *AgentBuild) []string { return []string{a.Hypervisor} }},
	},
}

// agentBuildKey keeps the rows in the order of their numbers.
func agentBuildKey(number int64) string { return fmt.Sprintf("%019d", number) }

// AgentBuilds tells the builds for a hypervisor, "" for all, in the order of ids.
func (m *Manager) AgentBuilds(ctx context.Context, hypervisor string) (all []*AgentBuild, err error) {
	err = m.Store.View(ctx, func(tx store.Tx) error {
		if hypervisor == "" {
			all, err = agentBuilds.All(tx)
		} else {
			all, err = agentBuilds.By(tx, byHypervisor, hypervisor)
		}
		return err
	})
	slices.SortFunc(all, func(a, b *AgentBuild) int { return int(a.Number - b.Number) })
	return all, err
}

// CreateAgentBuild records a build and returns it with its number. An error of kind Conflict if there is one for
// such guests.
func (m *Manager) CreateAgentBuild(ctx context.Context, build AgentBuild) (*AgentBuild, error) {
	err := m.Store.Update(ctx, func(tx store.Tx) (err error) {
		if build.Number, err = next(tx, agentBuilds.Name); err != nil {
			return err
		}
		return agentBuilds.Insert(tx, &build)
	})
	if errors.Is(err, store.ErrExists) {
		err = refuse(Conflict, "Agent-build with hypervisor %s os %s architecture %s exists.", build.Hypervisor, build.OS, build.Architecture)
	}
	return &build, err
}

// UpdateAgentBuild gives guests another build. An error of kind NotFound if there is none of that number.
func (m *Manager) UpdateAgentBuild(ctx context.Context, number int64, version, url, md5 string) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		build, err := agentBuilds.Get(tx, agentBuildKey(number))
		if err != nil {
			return noAgentBuild(number, err)
		}
		build.Version, build.URL, build.MD5 = version, url, md5
		return agentBuilds.Put(tx, build)
	})
}

// DeleteAgentBuild forgets a build. An error of kind NotFound if there is none of that number.
func (m *Manager) DeleteAgentBuild(ctx context.Context, number int64) error {
	return m.Store.Update(ctx, func(tx store.Tx) error {
		return noAgentBuild(number, agentBuilds.Delete(tx, agentBuildKey(number)))
	})
}

// noAgentBuild is the store's error about a build, in Nova's words where it is that there is none.
func noAgentBuild(number int64, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return refuse(NotFound, "No agent-build associated with id %d.", number)
	}
	return err
}
