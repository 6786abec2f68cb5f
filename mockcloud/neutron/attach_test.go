// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

var server = neutron.Device{ID: "server-1", Owner: "compute:nova", Host: "host1", Hostname: "web-1"}

func TestAttach(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	private, err := c.Networks(ctx, demoCaller)
	if err != nil {
		t.Fatal(err)
	}
	group := c.id(t, "demo", "security_group", `"name": "web"`)
	mine := c.id(t, "demo", "port", `"network_id": "`+private[0].ID+`"`)
	nics, err := c.Resolve(ctx, demoCaller, []neutron.NIC{
		{PortID: mine, Tag: "b"}, {NetworkID: private[0].ID, FixedIP: netip.MustParseAddr("10.0.0.50"), Tag: "a"},
	}, false, []string{"web", "default"}, 1)
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Attach(ctx, demoCaller, server, nics, []string{"web"})
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	took, made := list[0], list[1]
	if took.Port.ID != mine || took.Port.Plug.Created || took.Port.Plug.Tag != "b" || took.Port.Status != "ACTIVE" || took.Port.HostID != "host1" {
		t.Errorf("taken: %+v", took.Port)
	}
	if !made.Port.Plug.Created || made.Port.DNSName != "web-1" || fmt.Sprint(made.Port.SecurityGroups) != "["+group+"]" || made.Port.ProjectID != demoProject ||
		made.Port.FixedIPs[0].IPAddress != netip.MustParseAddr("10.0.0.50") {
		t.Errorf("made: %+v", made.Port)
	}
	subnet := made.Port.FixedIPs[0].SubnetID
	if made.Network.Name != "private" || made.Subnets[subnet].GatewayIP != netip.MustParseAddr("10.0.0.1") || made.DHCP[subnet] != netip.MustParseAddr("10.0.0.2") {
		t.Errorf("around it: %+v", made)
	}
	more, err := c.Attach(ctx, demoCaller, server, []neutron.NIC{{NetworkID: private[0].ID}}, nil)
	if err != nil || more[0].Port.Plug.Index != 2 {
		t.Errorf("a third: %+v, %v", more, err)
	}
	if err := c.Bind(ctx, server.ID, "host2"); err != nil {
		t.Error(err)
	}
	found, err := c.DevicePorts(ctx, server.ID)
	if err != nil || len(found) != 3 || found[0].Port.ID != mine || found[1].Port.ID != made.Port.ID || found[2].Port.HostID != "host2" {
		t.Errorf("of the device: %+v, %v", found, err)
	}
	for range 2 { // the second time there is nothing to do
		if err := c.DetachAll(ctx, server.ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := c.Port(ctx, demoCaller, made.Port.ID); !neutron.PortNotFound.Is(err) {
		t.Errorf("a made port outlives its server: %v", err)
	}
	if left, err := c.Port(ctx, demoCaller, mine); err != nil || left.Port.DeviceID != "" || left.Port.Status != "DOWN" || left.Port.HostID != "" {
		t.Errorf("a taken port is not free again: %+v, %v", left, err)
	}
}

func TestAttachIsAllOrNothing(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	private, _ := c.Networks(ctx, demoCaller)
	nics := []neutron.NIC{{NetworkID: private[0].ID}, {NetworkID: private[0].ID, FixedIP: netip.MustParseAddr("10.0.0.1")}}
	if _, err := c.Attach(ctx, demoCaller, server, nics, nil); !neutron.AddressInUse.Is(err) {
		t.Errorf("the gateway's address: %v", err)
	}
	if left, err := c.DevicePorts(ctx, server.ID); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestResolve(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	public := c.list(t, "demo", "networks?name=public")[0]["id"].(string)
	if got, err := c.Resolve(ctx, demoCaller, nil, false, nil, 1); err != nil || len(got) != 1 {
		t.Errorf("the only network: %v, %v", got, err)
	}
	if got, err := c.Resolve(ctx, otherCaller, nil, false, nil, 1); err != nil || len(got) != 0 {
		t.Errorf("no network: %v, %v", got, err)
	}
	private, _ := c.Networks(ctx, demoCaller)
	bare := c.id(t, "demo", "network", `"name": "bare"`)
	used := c.id(t, "demo", "port", `"network_id": "`+private[0].ID+`", "device_id": "x"`)
	c.id(t, "demo", "security_group", `"name": "twin"`)
	c.id(t, "demo", "security_group", `"name": "twin"`)
	for name, x := range map[string]struct {
		caller  neutron.Caller
		nics    []neutron.NIC
		groups  []string
		servers int
		want    neutron.Kind
	}{
		"none to be had":      {otherCaller, nil, nil, 1, neutron.NoNetwork},
		"ambiguous":           {demoCaller, nil, nil, 1, neutron.NetworkAmbiguous},
		"no network":          {demoCaller, []neutron.NIC{{NetworkID: "x"}}, nil, 1, neutron.NetworkNotFound},
		"another's network":   {otherCaller, []neutron.NIC{{NetworkID: bare}}, nil, 1, neutron.NetworkNotFound},
		"external":            {demoCaller, []neutron.NIC{{NetworkID: public}}, nil, 1, neutron.ExternalForbidden},
		"no subnet":           {demoCaller, []neutron.NIC{{NetworkID: bare}}, nil, 1, neutron.NetworkRequiresSubnet},
		"no port":             {demoCaller, []neutron.NIC{{PortID: "x"}}, nil, 1, neutron.PortNotFound},
		"another's port":      {otherCaller, []neutron.NIC{{PortID: used}}, nil, 1, neutron.PortNotFound},
		"port in use":         {demoCaller, []neutron.NIC{{PortID: used}}, nil, 1, neutron.PortInUse},
		"address in use":      {demoCaller, []neutron.NIC{{NetworkID: private[0].ID, FixedIP: netip.MustParseAddr("10.0.0.1")}}, nil, 1, neutron.AddressInUse},
		"address elsewhere":   {demoCaller, []neutron.NIC{{NetworkID: private[0].ID, FixedIP: netip.MustParseAddr("10.7.0.1")}}, nil, 1, neutron.AddressNotInNetwork},
		"no group":            {demoCaller, []neutron.NIC{{NetworkID: private[0].ID}}, []string{"x"}, 1, neutron.SecurityGroupNotFound},
		"two groups":          {demoCaller, []neutron.NIC{{NetworkID: private[0].ID}}, []string{"twin"}, 1, neutron.SecurityGroupAmbiguous},
		"more than the quota": {demoCaller, []neutron.NIC{{NetworkID: private[0].ID}}, nil, 1000, neutron.OverQuota},
	} {
		must := name == "none to be had"
		if _, err := c.Resolve(ctx, x.caller, x.nics, must, x.groups, x.servers); !x.want.Is(err) {
			t.Errorf("%s: %v, want %s", name, err, x.want.Name)
		}
	}
}

// BenchmarkPortCreate makes and deletes a port of a server on a network with 100 others.
func BenchmarkPortCreate(b *testing.B) {
	c, ctx := newCloud(b), b.Context()
	private, _ := c.Networks(ctx, demoCaller)
	nics := []neutron.NIC{{NetworkID: private[0].ID}}
	for i := range 100 {
		if _, err := c.Attach(ctx, demoCaller, neutron.Device{ID: fmt.Sprint(i)}, nics, nil); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := c.Attach(ctx, demoCaller, server, nics, nil); err != nil {
			b.Fatal(err)
		}
		if err := c.DetachAll(ctx, server.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPortList lists 100 ports over HTTP.
func BenchmarkPortList(b *testing.B) {
	c, ctx := newCloud(b), b.Context()
	private, _ := c.Networks(ctx, demoCaller)
	for i := range 100 {
		if _, err := c.Attach(ctx, demoCaller, neutron.Device{ID: fmt.Sprint(i)}, []neutron.NIC{{NetworkID: private[0].ID}}, nil); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if status, _ := c.send(b, "demo", "GET /v2.0/ports", ""); status != 200 {
			b.Fatal(status)
		}
	}
}
