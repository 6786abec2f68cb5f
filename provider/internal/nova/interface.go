// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// The microversions of what interfaces may have.
const (
	// WithInterfaceTag is the first to take a tag with an interface that is attached later on.
	WithInterfaceTag client.Microversion = 49
	// WithShownTags is the first to show the tags of interfaces and volumes.
	WithShownTags client.Microversion = 70
)

// Interface is a network interface of a server: a port of Neutron.
type Interface struct {
	PortID    string    `json:"port_id"`
	NetworkID string    `json:"net_id"`
	MAC       string    `json:"mac_addr"`
	State     string    `json:"port_state"`
	FixedIPs  []FixedIP `json:"fixed_ips"`
	Tag       string    `json:"tag"` // since 2.70
}

// FixedIP is an address of a port.
type FixedIP struct {
	Address  string `json:"ip_address"`
	SubnetID string `json:"subnet_id"`
}

// Addresses are the interface's addresses, sorted.
func (i *Interface) Addresses() []string {
	all := []string{}
	for _, ip := range i.FixedIPs {
		all = append(all, ip.Address)
	}
	slices.Sort(all)
	return all
}

// Has is whether the interface has that address, however it is spelt.
func (i *Interface) Has(address string) bool {
	wanted, err := netip.ParseAddr(address)
	return err == nil && slices.ContainsFunc(i.FixedIPs, func(ip FixedIP) bool {
		has, err := netip.ParseAddr(ip.Address)
		return err == nil && has == wanted
	})
}

// Interfaces are those of one server. They are a wait.Source.
type Interfaces struct {
	Client *client.Client
	Server string
}

// All lists the interfaces.
func (i Interfaces) All(ctx context.Context) ([]*Interface, error) {
	service, _, err := i.Client.Best(ctx, WithShownTags)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Interfaces []*Interface `json:"interfaceAttachments"`
	}
	_, err = service.Get(ctx, i.url(service), &answer, nil)
	return slices.DeleteFunc(answer.Interfaces, func(i *Interface) bool { return i == nil }), err
}

// Get reads the interface with that port.
func (i Interfaces) Get(ctx context.Context, port string) (*Interface, error) {
	service, _, err := i.Client.Best(ctx, WithShownTags)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Interface *Interface `json:"interfaceAttachment"`
	}
	_, err = service.Get(ctx, i.url(service, port), &answer, nil)
	if err == nil && (answer.Interface == nil || answer.Interface.PortID == "") {
		err = fmt.Errorf("the answer about port %s of server %s holds no interface", port, i.Server)
	}
	return answer.Interface, err
}

// List reads those of ports that the server has.
func (i Interfaces) List(ctx context.Context, ports []string) (map[string]*Interface, error) {
	all, err := i.All(ctx)
	found := map[string]*Interface{}
	for _, one := range all {
		if slices.Contains(ports, one.PortID) {
			found[one.PortID] = one
		}
	}
	return found, err
}

// Attach gives the server an interface, and only one: an attempt whose answer was lost is known by its port or, where
// Nova made that, by what the server did not have before. Nobody else should attach to the server meanwhile.
func (i Interfaces) Attach(ctx context.Context, want NetworkRequest) (*Interface, error) {
	needs := client.Microversion(1)
	if want.Tag != "" {
		needs = WithInterfaceTag
	}
	if err := i.Client.Check(ctx, needs); err != nil {
		return nil, err
	}
	var before []*Interface
	if want.Port == "" {
		var err error
		if before, err = i.All(ctx); err != nil {
			return nil, err
		}
	}
	return client.Once(ctx, i.Client,
		func(ctx context.Context) (*Interface, error) { return i.attach(ctx, want) },
		func(ctx context.Context) (*Interface, error) { return i.find(ctx, want, before) })
}

// mostLooks is how often the interface of a lost answer is looked for while Nova works on it: for some minutes.
const mostLooks = 12

// find is the interface that an attempt without an answer made, nil if it made none. Nova answers when the server has the
// interface, for which what stands before it may not wait; it would work on a second request beside the first.
func (i Interfaces) find(ctx context.Context, want NetworkRequest, before []*Interface) (*Interface, error) {
	for looks := 0; ; looks++ {
		working := i.attaching(ctx)
		now, err := i.All(ctx)
		if err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(now, func(one *Interface) bool { return made(one, want, before) }); at >= 0 {
			return now[at], nil
		}
		if over := !working || looks == mostLooks; over || i.Client.Pause(ctx, looks) != nil {
			return nil, nil //nolint:nilerr // who is interrupted looks no more
		}
	}
}

// attaching is whether Nova's record has it that the server is being given an interface.
func (i Interfaces) attaching(ctx context.Context) bool {
	servers := Servers{Client: i.Client}
	actions, err := servers.Actions(ctx, i.Server)
	at := slices.IndexFunc(actions, func(a InstanceAction) bool { return a.Action == "attach_interface" })
	if err != nil || at < 0 {
		return false
	}
	newest, err := servers.Action(ctx, i.Server, actions[at].RequestID)
	return err == nil && slices.ContainsFunc(newest.Events, func(e InstanceEvent) bool { return e.FinishTime == "" })
}

// made is whether the interface can be what was asked for, beside what was there before.
func made(one *Interface, want NetworkRequest, before []*Interface) bool {
	if want.Port != "" {
		return one.PortID == want.Port
	}
	old := slices.ContainsFunc(before, func(b *Interface) bool { return b.PortID == one.PortID })
	return !old && one.NetworkID == want.UUID && (want.FixedIP == "" || one.Has(want.FixedIP))
}

func (i Interfaces) attach(ctx context.Context, want NetworkRequest) (*Interface, error) {
	service, _, err := i.Client.Best(ctx, WithShownTags) // for the tag in the answer
	if err != nil {
		return nil, err
	}
	body := map[string]any{}
	for key, text := range map[string]string{"net_id": want.UUID, "port_id": want.Port, "tag": want.Tag} {
		if text != "" {
			body[key] = text
		}
	}
	if want.FixedIP != "" {
		body["fixed_ips"] = []map[string]string{{"ip_address": want.FixedIP}}
	}
	var answer struct {
		Interface *Interface `json:"interfaceAttachment"`
	}
	_, err = service.Post(ctx, i.url(service), map[string]any{"interfaceAttachment": body}, &answer,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	if err == nil && (answer.Interface == nil || answer.Interface.PortID == "") {
		err = fmt.Errorf("the answer to an attach to server %s holds no interface", i.Server)
	}
	return answer.Interface, err
}

// Detach asks for the interface to be taken away. Nova deletes its port if Nova made it.
func (i Interfaces) Detach(ctx context.Context, port string) error {
	service, err := i.Client.At(ctx, 1)
	if err != nil {
		return err
	}
	_, err = service.Delete(ctx, i.url(service, port), nil)
	return err
}

func (i Interfaces) url(service *gophercloud.ServiceClient, port ...string) string {
	parts := []string{"servers", url.PathEscape(i.Server), "os-interface"}
	for _, p := range port {
		parts = append(parts, url.PathEscape(p))
	}
	return service.ServiceURL(parts...)
}
