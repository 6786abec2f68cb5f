// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// opens tells whether the console proxy leads to a screen with that password.
func opens(t *testing.T, at, password string) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, at+"/console/?token="+url.QueryEscape(password), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.CloseNow() }()
	_, greeting, err := ws.Read(ctx)
	if ctx.Err() != nil {
		t.Fatal("the proxy says nothing")
	}
	return err == nil && strings.HasPrefix(string(greeting), "RFB 003.")
}

// A console of nova-console opens as often as one likes where it says that it is, until it is deleted.
func TestServerConsoles(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "lasting", nil)
	consoles := "/servers/" + id + "/consoles"
	same(t, "none", cloud.demo.nova(t, 1, http.MethodGet, consoles, nil).object(t, http.StatusOK), object{"consoles": []any{}})
	for range 2 { // the second is there already
		cloud.demo.nova(t, nova.Newest, http.MethodPost, consoles, nil).empty(t, http.StatusOK)
	}
	item := object{"id": 1.0, "console_type": "novnc"}
	same(t, "list", cloud.demo.nova(t, 1, http.MethodGet, consoles, nil).object(t, http.StatusOK), object{"consoles": []any{object{"console": item}}})
	shown := cloud.demo.nova(t, 1, http.MethodGet, consoles+"/1", nil).object(t, http.StatusOK)["console"].(object)
	server := cloud.admin.nova(t, 1, http.MethodGet, "/servers/"+id, nil).object(t, http.StatusOK)["server"].(object)
	same(t, "instance_name", shown["instance_name"], server["OS-EXT-SRV-ATTR:instance_name"])
	same(t, "type", shown["console_type"], "novnc")
	at, password := fmt.Sprintf("http://%s:%v", shown["host"], shown["port"]), text(t, shown, "password")
	same(t, "address", at, cloud.URL)
	for range 2 {
		same(t, "opens", opens(t, at, password), true)
	}
	same(t, "opens by another", opens(t, at, password+"X"), false)
	same(t, "a token", cloud.admin.nova(t, 31, http.MethodGet, "/os-console-auth-tokens/"+password, nil).status, http.StatusNotFound)

	missing := "Console for instance " + id + " could not be found."
	other := cloud.member(t, "elsewhere", "member")
	same(t, "others' list", other.nova(t, 1, http.MethodGet, consoles, nil).object(t, http.StatusOK), object{"consoles": []any{}})
	same(t, "others' create", other.nova(t, 1, http.MethodPost, consoles, nil).status, http.StatusNotFound)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		other.nova(t, 1, method, consoles+"/1", nil).refused(t, http.StatusNotFound, missing)
		cloud.demo.nova(t, 1, method, consoles+"/2", nil).refused(t, http.StatusNotFound, missing)
		cloud.demo.nova(t, 1, method, consoles+"/one", nil).refused(t, http.StatusNotFound, missing)
	}
	cloud.demo.nova(t, 1, http.MethodPost, "/servers/nothing/consoles", nil).refused(t, http.StatusNotFound, "Instance nothing could not be found.")

	cloud.demo.nova(t, 1, http.MethodDelete, consoles+"/1", nil).empty(t, http.StatusAccepted)
	same(t, "opens when deleted", opens(t, at, password), false)
	cloud.demo.nova(t, 1, http.MethodPost, consoles, nil).empty(t, http.StatusOK)
	shown = cloud.demo.nova(t, 1, http.MethodGet, consoles+"/2", nil).object(t, http.StatusOK)["console"].(object)
	same(t, "delete the server", cloud.demo.nova(t, 1, http.MethodDelete, "/servers/"+id, nil).status, http.StatusNoContent)
	cloud.demo.gone(t, id)
	same(t, "opens without its server", opens(t, at, text(t, shown, "password")), false)
}

// hypervised is a cloud of one simulated host of that hypervisor.
func hypervised(t *testing.T, hypervisor string) *cloud {
	t.Helper()
	d, err := sim.New(sim.Options{Clock: clock.Wall(), Resources: driver.Resources{Hypervisor: hypervisor}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return start(t, cloudtest.With(func(o *mockcloud.Options) { o.Hosts = []compute.HostSpec{mockcloud.SimulatedHost("one", d)} }))
}

// connectsRDP demands that the console proxy leads to a server that answers as RDP's do.
func (c *cloud) connectsRDP(t *testing.T, token string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, c.URL+"/console/?token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ws.CloseNow() }()
	if err := ws.Write(ctx, websocket.MessageBinary, []byte{3, 0, 0, 11, 6, 0xe0, 0, 0, 0, 0, 0}); err != nil {
		t.Fatal(err)
	}
	if _, reply, err := ws.Read(ctx); err != nil || len(reply) == 0 || reply[0] != 3 {
		t.Errorf("the RDP server says %v, %v", reply, err)
	}
}

// RDP is where Nova's driver has it: on Hyper-V, and on the hypervisor that is none. Up to 2.30 its tokens are the only
// ones that are told of.
func TestRDPConsole(t *testing.T) {
	t.Parallel()
	for hypervisor, has := range map[string]bool{"fake": true, "hyperv": true, "QEMU": false} {
		cloud := hypervised(t, hypervisor)
		id := cloud.demo.boot(t, "windows", nil)
		got := cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"os-getRDPConsole": object{"type": "rdp-html5"}})
		remote := cloud.demo.nova(t, nova.Newest, http.MethodPost, "/servers/"+id+"/remote-consoles",
			object{"remote_console": object{"protocol": "rdp", "type": "rdp-html5"}})
		if !has {
			got.refused(t, http.StatusBadRequest, "Unavailable console type rdp-html5.")
			remote.refused(t, http.StatusBadRequest, "Unavailable console type rdp-html5.")
			continue
		}
		console := got.object(t, http.StatusOK)["console"].(object)
		same(t, "type", console["type"], "rdp-html5")
		same(t, "protocol", remote.object(t, http.StatusOK)["remote_console"].(object)["protocol"], "rdp")
		token := tokenOf(t, text(t, console, "url"))
		told := cloud.admin.nova(t, 30, http.MethodGet, "/os-console-auth-tokens/"+token, nil).object(t, http.StatusOK)["console"].(object)
		same(t, "instance_uuid", told["instance_uuid"], id)
		cloud.connectsRDP(t, token)
	}
	cloud := start(t)
	id := cloud.demo.boot(t, "linux", nil)
	cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"os-getRDPConsole": object{"type": "rdp"}}).refused(t, http.StatusBadRequest,
		"Invalid input for field/attribute type. Value: rdp. 'rdp' is not one of ['rdp-html5']")
	same(t, "from 2.6", cloud.demo.nova(t, 6, http.MethodPost, "/servers/"+id+"/action", object{"os-getRDPConsole": object{"type": "rdp-html5"}}).status, http.StatusNotFound)
	made := cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"os-getSerialConsole": object{"type": "serial"}}).object(t, http.StatusOK)
	cloud.admin.nova(t, 30, http.MethodGet, "/os-console-auth-tokens/"+tokenOf(t, text(t, made, "console", "url")), nil).
		refused(t, http.StatusUnauthorized, "The requested console type details are not accessible")
}

// Hyper-V left Nova in 2024.1.
func TestRDPConsoleIsGone(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.Release("2024.1"))
	body := object{"server": object{"name": "modern", "imageRef": cloud.image, "flavorRef": cloud.flavor, "networks": "none"}}
	id := text(t, cloud.demo.nova(t, 96, http.MethodPost, "/servers", body).object(t, http.StatusAccepted), "server", "id")
	cloud.demo.nova(t, 96, http.MethodPost, "/servers/"+id+"/remote-consoles", object{"remote_console": object{"protocol": "rdp", "type": "rdp-html5"}}).
		refused(t, http.StatusBadRequest, "Unavailable console type rdp.")
}
