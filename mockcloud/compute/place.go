// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"fmt"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/scheduler"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// placing is what is asked of the scheduler beyond what the instance's record says.
type placing struct {
	// Flavor is what to find room for: the instance's, or the new one of a resize.
	Flavor Flavor
	// target is the zone, host or node that was asked for.
	target target
	// Exclude are hosts that will not do: those that failed already, or the one that it leaves.
	Exclude []string
}

// place chooses the instance's host. It claims nothing: the caller writes the instance's host and its
// allocation in the same transaction. *NoValidHost when there is none.
func (m *Manager) place(tx store.Tx, inst *Instance, p placing) (scheduler.Host, error) {
	hosts, err := m.hostsIn(tx)
	if err != nil {
		return scheduler.Host{}, err
	}
	request, err := m.schedulerRequest(tx, inst, p)
	if err != nil {
		return scheduler.Host{}, err
	}
	able, err := candidates(tx, hosts, &request)
	if err != nil {
		return scheduler.Host{}, err
	}
	if err := m.tellCells(tx, inst, hosts, &request, able); err != nil {
		return scheduler.Host{}, err
	}
	best, err := scheduler.Select(request, able)
	if err != nil {
		return scheduler.Host{}, noValidHost(err)
	}
	// Who is forced to a host went past the filters; the host itself refuses what its group forbids.
	if policy := request.Group.Violated(best[0].Name); policy != "" {
		return scheduler.Host{}, &GroupViolated{InstanceID: inst.ID, Policy: policy}
	}
	return best[0], nil
}

// GroupViolated: the host that the server was forced to does not agree with its server group.
type GroupViolated struct {
	InstanceID string
	Policy     string // "Affinity" or "Anti-affinity"
}

func (e *GroupViolated) Error() string {
	return fmt.Sprintf("Build of instance %s was re-scheduled: %s instance group policy was violated", e.InstanceID, e.Policy)
}

// noValidHost is the scheduler's refusal in Nova's words.
func noValidHost(err error) error {
	reasons := map[error]string{
		scheduler.ErrNoCandidate: "",
		scheduler.ErrFiltered:    "There are not enough hosts available.",
	}
	reason, known := reasons[err]
	if !known {
		return err
	}
	return &NoValidHost{Reason: reason}
}

// schedulerRequest is what the instance demands of its host.
func (m *Manager) schedulerRequest(tx store.Tx, inst *Instance, p placing) (scheduler.Request, error) {
	demand, err := demandOf(inst, p.Flavor)
	if err != nil {
		return scheduler.Request{}, err
	}
	request := scheduler.Request{
		Amount: scheduler.Amount(demand.claim), ProjectID: inst.ProjectID,
		Zone: p.target.zone, ForcedHost: p.target.forcedHost, ForcedNode: p.target.forcedNode,
		Host: p.target.host, Node: p.target.node, Tried: p.Exclude,
		ImageProperties: inst.ImageProperties, ExtraSpecs: p.Flavor.ExtraSpecs,
		Required: demand.required, Forbidden: demand.forbidden, Classes: demand.classes,
		NUMA: demand.cells, Devices: demand.devices,
		Query: hint(inst, "query"), NearIP: hint(inst, "build_near_host_ip"), CIDR: hint(inst, "cidr"),
		AggregateKeys: map[string]bool{},
	}
	if request.SameHost, err = hostsOfHint(tx, inst, "same_host"); err != nil {
		return request, err
	}
	if request.DifferentHost, err = hostsOfHint(tx, inst, "different_host"); err != nil {
		return request, err
	}
	if request.Group, err = groupOf(tx, inst); err != nil {
		return request, err
	}
	known, err := aggregates.All(tx)
	for _, a := range known {
		for key := range a.Metadata {
			request.AggregateKeys[key] = true
		}
	}
	return request, err
}

// hint is the first value of a scheduler hint, "" for none.
func hint(inst *Instance, name string) string {
	if values := inst.SchedulerHints[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// hostsOfHint are the hosts of the servers that a hint names; nil without the hint. Servers that do not
// exist are passed over, so a hint may name servers and leave no host.
func hostsOfHint(tx store.Tx, inst *Instance, name string) ([]string, error) {
	ids, given := inst.SchedulerHints[name]
	if !given {
		return nil, nil
	}
	hosts := []string{}
	for _, id := range ids {
		other, err := live(tx, id)
		switch {
		case KindOf(err) == NotFound:
		case err != nil:
			return nil, err
		case other.Host != "":
			hosts = append(hosts, other.Host)
		}
	}
	return hosts, nil
}
