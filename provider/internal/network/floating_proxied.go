// SPDX-License-Identifier: MPL-2.0

package network

import (
	"context"
	"net/http"
	"slices"

	"github.com/gophercloud/gophercloud/v2"
)

// proxiedFloating are floating IPs as Nova shows them.
type proxiedFloating struct{ *gophercloud.ServiceClient }

// proxiedFloatingIP is a floating IP in Nova's words.
type proxiedFloatingIP struct {
	ID       string `json:"id"`
	Address  string `json:"ip"`
	FixedIP  string `json:"fixed_ip"`
	ServerID string `json:"instance_id"`
	Pool     string `json:"pool"`
}

type proxiedFloatingBody struct {
	FloatingIP proxiedFloatingIP `json:"floating_ip"`
}

func (f proxiedFloatingIP) plain() FloatingIP {
	return FloatingIP{
		ID: f.ID, Address: f.Address, Pool: Pool{Name: f.Pool}, Target: Target{ServerID: f.ServerID, FixedIP: f.FixedIP},
	}
}

func (p proxiedFloating) List(ctx context.Context, address string) ([]FloatingIP, error) {
	var body struct {
		FloatingIPs []proxiedFloatingIP `json:"floating_ips"`
	}
	_, err := p.ServiceClient.Get(ctx, p.ServiceURL("os-floating-ips"), &body, nil)
	var all []FloatingIP
	for _, f := range body.FloatingIPs {
		if address == "" || f.Address == address {
			all = append(all, f.plain())
		}
	}
	return all, err
}

func (p proxiedFloating) Like(ctx context.Context, f FloatingIP) ([]FloatingIP, error) {
	listed, err := p.List(ctx, "")
	return slices.DeleteFunc(listed, func(other FloatingIP) bool { return other.Pool.Name != f.Pool.Name }), err
}

func (p proxiedFloating) Get(ctx context.Context, id string) (*FloatingIP, error) {
	var body proxiedFloatingBody
	_, err := p.ServiceClient.Get(ctx, p.ServiceURL("os-floating-ips", id), &body, nil)
	found := body.FloatingIP.plain()
	return &found, err
}

func (p proxiedFloating) Create(ctx context.Context, f FloatingIP) (*FloatingIP, error) {
	var body proxiedFloatingBody
	_, err := p.Post(ctx, p.ServiceURL("os-floating-ips"), map[string]any{"pool": f.Pool.Name}, &body, &gophercloud.RequestOpts{OkCodes: []int{200}})
	made := body.FloatingIP.plain()
	return &made, err
}

func (p proxiedFloating) Describe(context.Context, string, string) error { return ErrUnproxied }

func (p proxiedFloating) SetTags(context.Context, string, []string) error { return ErrUnproxied }

func (p proxiedFloating) Delete(ctx context.Context, id string) error {
	_, err := p.ServiceClient.Delete(ctx, p.ServiceURL("os-floating-ips", id), nil)
	return err
}

func (p proxiedFloating) Pool(_ context.Context, nameOrID string) (Pool, error) {
	return Pool{Name: nameOrID}, nil
}

// Lead takes it off another server first: an address is added to one only. If it is off already, that is a conflict.
func (p proxiedFloating) Lead(ctx context.Context, f *FloatingIP, to Target) error {
	if f.Target.ServerID != "" {
		if err := p.Release(ctx, f); err != nil && !gophercloud.ResponseCodeIs(err, http.StatusConflict) {
			return err
		}
	}
	fields := map[string]any{"address": f.Address}
	if to.FixedIP != "" {
		fields["fixed_address"] = to.FixedIP
	}
	return p.act(ctx, to.ServerID, "addFloatingIp", fields)
}

func (p proxiedFloating) Release(ctx context.Context, f *FloatingIP) error {
	return p.act(ctx, f.Target.ServerID, "removeFloatingIp", map[string]any{"address": f.Address})
}

// act is a server action, which Nova has up to microversion 2.43.
func (p proxiedFloating) act(ctx context.Context, server, action string, fields map[string]any) error {
	_, err := p.Post(ctx, p.ServiceURL("servers", server, "action"), map[string]any{action: fields}, nil, &gophercloud.RequestOpts{OkCodes: []int{202}})
	return err
}
