// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sync"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// ports is a network service with one network of unlimited addresses.
type ports struct {
	mu     sync.Mutex
	of     map[string][]compute.VIF // by instance
	broken error
}

func (p *ports) Resolve(_ context.Context, _ compute.Caller, want []compute.RequestedNetwork, _ []string,
	_ int,
) ([]compute.RequestedNetwork, error) {
	return want, nil
}

func (p *ports) Allocate(_ context.Context, _ compute.Caller, inst *compute.Instance) ([]compute.VIF, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken != nil {
		return nil, p.broken
	}
	var vifs []compute.VIF
	for _, network := range inst.RequestedNetworks {
		vifs = append(vifs, compute.VIF{
			PortID: uuid.NewString(), NetworkID: network.NetworkID, NetworkLabel: "private", MAC: "fa:16:3e:00:00:01",
			Addresses: []compute.VIFAddress{{IP: netip.MustParseAddr("10.0.0.4"), Type: compute.FixedAddress}},
		})
	}
	p.of[inst.ID] = vifs
	return vifs, nil
}

func (p *ports) Deallocate(_ context.Context, inst *compute.Instance) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, inst.ID)
	return nil
}

func (p *ports) VIFs(_ context.Context, id string) ([]compute.VIF, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of[id], nil
}

func (p *ports) Attach(_ context.Context, _ compute.Caller, inst *compute.Instance, want compute.RequestedNetwork) (compute.VIF, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	vif := compute.VIF{
		PortID: cmp.Or(want.PortID, uuid.NewString()), NetworkID: want.NetworkID, NetworkLabel: "private", MAC: "fa:16:3e:00:00:02",
		Tag: want.Tag, PreserveOnDelete: want.PortID != "",
	}
	p.of[inst.ID] = append(p.of[inst.ID], vif)
	return vif, nil
}

func (p *ports) Detach(_ context.Context, inst *compute.Instance, id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of[inst.ID] = slices.DeleteFunc(p.of[inst.ID], func(v compute.VIF) bool { return v.PortID == id })
	return nil
}

func (p *ports) Bind(context.Context, *compute.Instance, string) error { return nil }

func (p *ports) AddFixedIP(_ context.Context, inst *compute.Instance, network string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.of[inst.ID] {
		if vif := &p.of[inst.ID][i]; vif.NetworkID == network {
			vif.Addresses = append(vif.Addresses, compute.VIFAddress{IP: netip.MustParseAddr("10.0.0.5"), Type: compute.FixedAddress})
			return nil
		}
	}
	return &compute.Refusal{Reason: compute.NotFound, Message: "no such network"}
}

func (p *ports) RemoveFixedIP(_ context.Context, inst *compute.Instance, address netip.Addr) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.of[inst.ID] {
		vif := &p.of[inst.ID][i]
		vif.Addresses = slices.DeleteFunc(slices.Clone(vif.Addresses), func(a compute.VIFAddress) bool { return a.IP == address })
	}
	return nil
}

func (p *ports) ids() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []string
	for _, vifs := range p.of {
		for _, vif := range vifs {
			ids = append(ids, vif.PortID)
		}
	}
	return ids
}
