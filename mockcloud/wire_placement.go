// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/placement"
)

// placement serves what Nova has on its hosts.
func (c *Cloud) placement() http.Handler {
	return placement.New(placement.Options{
		Store: c.options.Store, Clock: c.options.Clock, Nova: providers{c.Compute}, Auth: c.Keystone, Log: c.options.Log,
	}).Handler()
}

// providers is Nova as Placement wants it.
type providers struct{ compute *compute.Manager }

var _ placement.Nova = providers{}

// The resource classes that hosts have by their hardware.
const (
	classVCPU   = "VCPU"
	classPCPU   = "PCPU"
	classMemory = "MEMORY_MB"
	classDisk   = "DISK_GB"
)

// disabledTrait is a host's that takes no servers.
const disabledTrait = "COMPUTE_STATUS_DISABLED"

// resources are amounts by class, without those that are nothing.
func resources(claim compute.Claim, classes map[string]int) map[string]int {
	all := map[string]int{
		classVCPU: claim.VCPUs - claim.Pinned, classPCPU: claim.Pinned, classMemory: claim.MemoryMiB, classDisk: claim.DiskGiB,
	}
	maps.Copy(all, classes)
	maps.DeleteFunc(all, func(_ string, amount int) bool { return amount == 0 })
	return all
}

func (p providers) Providers(ctx context.Context) ([]*placement.Provider, error) {
	hosts, err := p.compute.Hosts(ctx)
	if err != nil {
		return nil, err
	}
	aggregates, err := p.compute.Aggregates(ctx)
	if err != nil {
		return nil, err
	}
	var all []*placement.Provider
	for _, h := range hosts {
		used, err := p.used(ctx, h)
		if err != nil {
			return nil, err
		}
		provider := &placement.Provider{
			ID: h.HypervisorID, Name: h.Node, Generation: h.Generation, Inventories: inventories(h), Traits: h.Traits,
			Used: used, OfNova: true,
		}
		if h.Disabled {
			provider.Traits = slices.Sorted(slices.Values(append(slices.Clone(h.Traits), disabledTrait)))
		}
		for _, a := range aggregates {
			if slices.Contains(a.Hosts, h.Name) {
				provider.Aggregates = append(provider.Aggregates, a.ID)
			}
		}
		all = append(all, provider)
	}
	return all, nil
}

// used is what is claimed of the host. Only classes of its own need a look at each allocation.
func (p providers) used(ctx context.Context, h *compute.Host) (map[string]int, error) {
	classes := map[string]int{}
	if len(h.Classes) > 0 {
		allocations, err := p.compute.HostAllocations(ctx, h.Name)
		if err != nil {
			return nil, err
		}
		for _, a := range allocations {
			for class, amount := range a.Classes {
				classes[class] += amount
			}
		}
	}
	return resources(h.Used, classes), nil
}

func inventories(h *compute.Host) map[string]placement.Inventory {
	ratios := map[string]float64{classVCPU: h.Ratios.CPU, classMemory: h.Ratios.RAM, classDisk: h.Ratios.Disk}
	all := map[string]placement.Inventory{}
	for class, total := range resources(h.Capacity(), h.Classes) {
		ratio, known := ratios[class]
		if !known {
			ratio = 1
		}
		all[class] = placement.Inventory{Total: total, MinUnit: 1, MaxUnit: total, StepSize: 1, Ratio: ratio}
	}
	return all
}

// consumer is an allocation as Placement has it. Like Nova itself, this says of no consumer what type it is.
func consumer(a *compute.Allocation, provider string) *placement.Consumer {
	return &placement.Consumer{
		ID: a.InstanceID, ProjectID: a.ProjectID, UserID: a.UserID, Type: "unknown", Generation: 1,
		Allocations: map[string]map[string]int{provider: resources(a.OnHost(), a.Classes)},
	}
}

func (p providers) ProviderConsumers(ctx context.Context, provider *placement.Provider) ([]*placement.Consumer, error) {
	allocations, err := p.compute.HostAllocations(ctx, provider.Name)
	all := make([]*placement.Consumer, len(allocations))
	for i, a := range allocations {
		all[i] = consumer(a, provider.ID)
	}
	return all, err
}

func (p providers) Consumers(ctx context.Context) ([]*placement.Consumer, error) {
	allocations, err := p.compute.Allocations(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := p.ids(ctx)
	var all []*placement.Consumer
	for _, a := range allocations {
		if a.Host != "" {
			all = append(all, consumer(a, ids[a.Host]))
		}
	}
	return all, err
}

func (p providers) Consumer(ctx context.Context, id string) (*placement.Consumer, error) {
	a, err := p.compute.Allocation(ctx, id)
	if err != nil || a == nil || a.Host == "" {
		return nil, err
	}
	ids, err := p.ids(ctx)
	return consumer(a, ids[a.Host]), err
}

// ids are the providers' ids by host.
func (p providers) ids(ctx context.Context) (map[string]string, error) {
	hosts, err := p.compute.Hosts(ctx)
	ids := map[string]string{}
	for _, h := range hosts {
		ids[h.Name] = h.HypervisorID
	}
	return ids, err
}

// Change takes what an operator may say of a host: traits and classes beyond its own, and ratios.
func (p providers) Change(ctx context.Context, changed *placement.Provider) error {
	hosts, err := p.compute.Hosts(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(hosts, func(h *compute.Host) bool { return h.HypervisorID == changed.ID })
	if at < 0 {
		return api.NotFound("No resource provider with uuid %s found", changed.ID)
	}
	h := hosts[at]
	standard := resources(h.Capacity(), nil)
	ratios, classes := h.Ratios, map[string]int{}
	byClass := map[string]*float64{classVCPU: &ratios.CPU, classMemory: &ratios.RAM, classDisk: &ratios.Disk}
	for class, i := range changed.Inventories {
		if ratio := byClass[class]; ratio != nil {
			*ratio = i.Ratio
		}
		if _, own := standard[class]; !own {
			classes[class] = i.Total - i.Reserved
		}
	}
	for class := range standard {
		if _, stays := changed.Inventories[class]; !stays {
			return api.Conflict("Inventory for '%s' on resource provider '%s' is the compute host's own.", class, changed.ID)
		}
	}
	traits := slices.DeleteFunc(slices.Clone(changed.Traits), func(trait string) bool {
		return trait == disabledTrait || slices.Contains(h.Traits, trait) && !slices.Contains(h.OwnTraits, trait)
	})
	return refusal(p.compute.UpdateHost(ctx, h.Name, compute.HostChange{Ratios: &ratios, OwnTraits: &traits, OwnClasses: &classes}))
}
