// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// threeHosts is a cloud of three simulated hosts of 8 GiB and 100 GiB; the third is in Nova's cell "west".
func threeHosts(t *testing.T) cloudtest.Option {
	t.Helper()
	return cloudtest.With(func(o *mockcloud.Options) {
		for _, name := range []string{"host-1", "host-2", "host-3"} {
			d, err := sim.New(sim.Options{Clock: clock.Wall(), Resources: driver.Resources{
				VCPUs: 8, MemoryMiB: 8192, DiskGiB: 100, Hypervisor: "fake", Version: 1000, Arch: "x86_64", CPUModel: "simulated",
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = d.Close() })
			spec := compute.HostSpec{Name: name, Driver: d}
			if name == "host-3" {
				spec.NovaCell = "west"
			}
			o.Hosts = append(o.Hosts, spec)
		}
	})
}

// cells asks for something of cells.
func (u *user) cells(t *testing.T, method, path string, body any) *answer {
	t.Helper()
	return u.nova(t, 1, method, "/os-cells"+path, body)
}

func (u *user) cell(t *testing.T, fields object) {
	t.Helper()
	u.cells(t, http.MethodPost, "", object{"cell": fields}).object(t, http.StatusOK)
}

// Neighbours are recorded, children before parents, and nobody is told a password.
func TestCells(t *testing.T) {
	t.Parallel()
	cloud := start(t, threeHosts(t))
	ask := func(method, path string, body any) *answer { return cloud.admin.cells(t, method, path, body) }
	same(t, "at first", ask(http.MethodGet, "", nil).object(t, 200), object{"cells": []any{}})
	up := object{"name": "up", "type": "parent", "username": "us", "password": "secret", "rpc_host": "10.0.0.1", "rpc_port": "5672", "rpc_virtual_host": "v"}
	made := ask(http.MethodPost, "", object{"cell": up})
	upView := object{"name": "up", "type": "parent", "username": "us", "rpc_host": "10.0.0.1", "rpc_port": 5672.0}
	same(t, "made", made.object(t, 200), object{"cell": upView})
	if strings.Contains(string(made.body), "secret") {
		t.Errorf("the password is told: %s", made.body)
	}
	ask(http.MethodPost, "", object{"cell": up}).refused(t, 409, "Cell with name up already exists.")
	cloud.admin.cell(t, object{"name": "west"})
	cloud.admin.cell(t, object{"name": "east", "rpc_host": "host-2"})
	list := func(path string) string {
		return strings.Join(names(t, ask(http.MethodGet, path, nil).object(t, 200), "cells"), " ")
	}
	same(t, "list", list(""), "west east up")
	same(t, "page", list("?limit=1&offset=1&any=thing"), "east")
	same(t, "unlimited", list("/detail?limit=0"), "west east up")
	ask(http.MethodGet, "?limit=-1", nil).refused(t, 400, "Invalid input for query parameters limit. Value: -1. …")
	same(t, "show", ask(http.MethodGet, "/up", nil).object(t, 200), object{"cell": upView})
	ask(http.MethodGet, "/down", nil).refused(t, 404, "Cell down doesn't exist.")

	detail := ask(http.MethodGet, "/detail", nil).object(t, 200)["cells"].([]any)
	capabilities := object{"hypervisor": []any{"fake"}, "arch": []any{"x86_64"}}
	same(t, "capabilities of a child", detail[0].(object)["capabilities"], capabilities)
	same(t, "capabilities of a parent", detail[2].(object)["capabilities"], object{})
	same(t, "info", ask(http.MethodGet, "/info", nil).object(t, 200), object{"cell": object{
		"name": "nova", "type": "self", "rpc_host": nil, "rpc_port": 0.0, "username": nil,
		"capabilities": object{"hypervisor": "fake", "arch": "x86_64"},
	}})

	put := func(name string, fields object) *answer { return ask(http.MethodPut, "/"+name, object{"cell": fields}) }
	changed := put("east", object{"name": "south", "username": "me", "rpc_port": 1}).object(t, 200)
	same(t, "changed", changed["cell"], object{"name": "south", "type": "child", "username": "me", "rpc_host": "host-2", "rpc_port": 1.0})
	put("south", object{"name": "west"}).refused(t, 409, "Cell with name west already exists.")
	same(t, "type", text(t, put("south", object{"type": "parent"}).object(t, 200), "cell", "type"), "parent")
	put("east", object{}).refused(t, 404, "Cell east doesn't exist.")
	same(t, "after the changes", list(""), "west up south")
	same(t, "answer to a delete", string(ask(http.MethodDelete, "/up", nil).body), "")
	ask(http.MethodDelete, "/up", nil).refused(t, 404, "Cell up doesn't exist.")
	same(t, "in the end", list(""), "west south")
}

func TestCellsRefuse(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	const badName = "An invalid 'name' value was provided. The name must be: printable characters except !, ., @. Can not start or end with whitespace."
	invalid := func(attribute, value, message string) string {
		return "Invalid input for field/attribute " + attribute + ". Value: " + value + ". " + message
	}
	for _, c := range []struct {
		fields object
		want   string
	}{
		{object{"name": "a!b"}, badName},
		{object{"name": "a.b"}, badName},
		{object{"name": " a"}, badName},
		{object{"name": ""}, invalid("name", "", "'' is too short")},
		{object{"type": "child"}, invalid("cell", "{'type': 'child'}", "'name' is a required property")},
		{object{"name": "a", "type": "cousin"}, invalid("type", "cousin", "'cousin' is not one of ['parent', 'child']")},
		{object{"name": "a", "username": "a b"}, invalid("username", "a b", "'a b' does not match '^[a-zA-Z0-9-_]*$'")},
		{object{"name": "a", "rpc_host": "a/b"}, invalid("rpc_host", "a/b", "'a/b' does not match '^[a-zA-Z0-9-_.:]*$'")},
		{object{"name": "a", "rpc_port": 65536}, invalid("rpc_port", "65536", "65536 is greater than the maximum of 65535")},
		{object{"name": "a", "rpc_port": "x"}, invalid("rpc_port", "x", "'x' does not match '^[0-9]*$'")},
		{object{"name": "a", "capabilities": object{}}, "Invalid input for field/attribute cell. Value: …"},
	} {
		cloud.admin.cells(t, http.MethodPost, "", object{"cell": c.fields}).refused(t, 400, c.want)
	}
	sync := func(body any) *answer { return cloud.admin.cells(t, http.MethodPost, "/sync_instances", body) }
	sync(object{"updated_since": "soon"}).refused(t, 400, invalid("updated_since", "soon", "'soon' is not a 'date-time'"))
	sync(object{"project_id": "a b"}).refused(t, 400, invalid("project_id", "a b", "'a b' does not match '^[a-zA-Z0-9-]*$'"))
	sync(object{"deleted": "perhaps"}).refused(t, 400, "Invalid input for field/attribute deleted. Value: perhaps. 'perhaps' is not one of […")
	legacy := cloud.URL + "/compute/v2/" + cloud.admin.project + "/os-cells"
	cloud.admin.send(t, http.MethodPost, legacy, nil, object{"cell": object{"name": " roomy "}}).object(t, 200)
	cloud.admin.cells(t, http.MethodGet, "/roomy", nil).object(t, 200)
	for request, rule := range map[string]string{
		"GET ": "os-cells", "GET /detail": "os-cells", "GET /info": "os-cells", "GET /capacities": "os-cells", "GET /x": "os-cells",
		"GET /x/capacities": "os-cells", "DELETE /x": "os-cells:delete",
	} {
		method, path, _ := strings.Cut(request, " ")
		cloud.demo.cells(t, method, path, nil).refused(t, 403, "Policy doesn't allow os_compute_api:"+rule+" to be performed.")
	}
}

// The room of a cell is what its hosts have left, without a tenth of each.
func TestCellCapacities(t *testing.T) {
	t.Parallel()
	cloud := start(t, threeHosts(t))
	room := func(path string) (object, object) {
		t.Helper()
		all := cloud.admin.cells(t, http.MethodGet, path+"/capacities", nil).object(t, 200)["cell"].(object)["capacities"].(object)
		ram, _ := all["ram_free"].(object)
		disk, _ := all["disk_free"].(object)
		return ram, disk
	}
	cloud.admin.cell(t, object{"name": "east", "rpc_host": "host-2"})
	cloud.admin.cell(t, object{"name": "empty", "rpc_host": "10.0.0.1"})
	ram, disk := room("/east")
	same(t, "memory", ram, object{"total_mb": 8192.0, "units_by_mb": object{
		"128": 57.0, "192": 38.0, "512": 14.0, "2048": 3.0, "4096": 1.0, "8192": 0.0, "16384": 0.0, // of 7372.8
	}})
	same(t, "disk", disk, object{"total_mb": 102400.0, "units_by_mb": object{
		"1024": 90.0, "20480": 4.0, "40960": 2.0, "81920": 1.0, "163840": 0.0, // of 92160
	}})
	id := cloud.admin.boot(t, "big", object{"flavorRef": "3", "availability_zone": "nova:host-2"})
	ram, disk = room("/east")
	same(t, "memory beside a server", ram["total_mb"], 4096.0)
	same(t, "disk beside a server", disk["total_mb"], 60*1024.0)
	same(t, "what fits beside a server", ram["units_by_mb"].(object)["512"], 6.0) // of 3276.8
	for path, want := range map[string]any{"": 2*8192 + 4096.0, "/nova": 2*8192 + 4096.0, "/empty": nil} {
		ram, _ := room(path)
		same(t, "memory of "+path, ram["total_mb"], want)
	}
	cloud.admin.nova(t, 53, http.MethodGet, "/servers/"+id, nil).object(t, 200)
	if err := cloud.Compute.EnableHost(t.Context(), "host-2", false); err != nil {
		t.Fatal(err)
	}
	ram, _ = room("/east")
	same(t, "room of hosts that take no servers", ram["total_mb"], nil)
	cloud.admin.cell(t, object{"name": "up", "type": "parent"})
	cloud.admin.cells(t, http.MethodGet, "/up/capacities", nil).refused(t, 404, "Cell up doesn't exist.")
}

// A cell is a place that servers can be sent to, or kept from, by those who may say so.
func TestCellsArePlaces(t *testing.T) {
	t.Parallel()
	cloud := start(t, threeHosts(t), cloudtest.With(withQuotas))
	host := func(u *user, hints object) string {
		t.Helper()
		body := object{"server": object{"name": "s", "imageRef": cloud.image, "flavorRef": "42", "networks": "none"}, "os:scheduler_hints": hints}
		made := u.nova(t, nova.Newest, http.MethodPost, "/servers", body).object(t, 202)
		id := text(t, made, "server", "id")
		u.settled(t, id)
		server := cloud.admin.settled(t, id)
		if server["status"] != "ACTIVE" {
			return text(t, server, "fault", "message")
		}
		return text(t, server, "OS-EXT-SRV-ATTR:host")
	}
	if got := host(cloud.admin, object{"target_cell": "nowhere"}); !strings.HasPrefix(got, "host-") {
		t.Errorf("in a cloud without cells, hints are passed over: %s", got)
	}
	cloud.admin.cell(t, object{"name": "up", "type": "parent"})
	if got := host(cloud.admin, object{"target_cell": "up"}); !strings.HasPrefix(got, "host-") {
		t.Errorf("a parent takes no servers from here: %s", got)
	}
	made := cloud.admin.nova(t, 1, http.MethodPost, "/os-aggregates", object{"aggregate": object{"name": "racks"}}).object(t, 200)
	aggregate := "/os-aggregates/1/action"
	same(t, "aggregate", made["aggregate"].(object)["id"], 1.0)
	cloud.admin.nova(t, 1, http.MethodPost, aggregate, object{"add_host": object{"host": "host-1"}}).object(t, 200)
	cloud.admin.cell(t, object{"name": "east", "rpc_host": "host-2"})
	cloud.admin.cell(t, object{"name": "west"})
	cloud.admin.cell(t, object{"name": "empty"})
	const none = "No valid host was found. There are not enough hosts available."
	for _, c := range []struct {
		hints object
		want  string
	}{
		{object{"target_cell": "nova!east"}, "host-2"},
		{object{"target_cell": "east"}, "host-2"},
		{object{"target_cell": "nova!west"}, "host-3"}, // by the cell that the host was started in
		{object{"target_cell": "nova"}, "host-1"},      // which no child has
		{object{"target_cell": "empty"}, none},
		{object{"target_cell": "nova!nowhere"}, none},
		{object{"different_cell": []string{"nova!east", "nova"}}, "host-3"},
		{object{"different_cell": "nova!west", "target_cell": "west"}, none},
	} {
		if got := host(cloud.admin, c.hints); got != c.want {
			t.Errorf("%v: %s, want %s", c.hints, got, c.want)
		}
	}
	if got := host(cloud.demo, object{"target_cell": "empty"}); !strings.HasPrefix(got, "host-") {
		t.Errorf("hints of who may not say are passed over: %s", got)
	}
	cloud.admin.cells(t, http.MethodPut, "/empty", object{"cell": object{"rpc_host": "racks"}}).object(t, 200)
	same(t, "by an aggregate", host(cloud.admin, object{"target_cell": "empty"}), "host-1")
	cloud.admin.cells(t, http.MethodDelete, "/east", nil)
	same(t, "a place that is gone", host(cloud.admin, object{"target_cell": "nova!east"}), none)
	same(t, "what is not in it any more", host(cloud.admin, object{"target_cell": "nova"}), "host-2")
}
