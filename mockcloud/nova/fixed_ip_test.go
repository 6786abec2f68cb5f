// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// reserveIP reserves an address, or gives it back.
func (u *user) reserveIP(t *testing.T, address, action string) *answer {
	t.Helper()
	return u.nova(t, 1, http.MethodPost, "/os-fixed-ips/"+address+"/action", object{action: nil})
}

// A reserved address is nobody's, whether he asks for it or for any; one that a server has stays with it until it is
// deleted.
func TestFixedIPs(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as, admin := cloud.demo, cloud.admin
	made := cloud.makeNetwork(t, object{
		"label": "few", "cidr": "10.50.0.0/24", "allowed_start": "10.50.0.10", "allowed_end": "10.50.0.12", "project_id": as.project, "enable_dhcp": false,
	})
	on := func(more object) object {
		network := object{"uuid": text(t, made, "id")}
		for key, value := range more {
			network[key] = value
		}
		return object{"networks": []object{network}}
	}
	same(t, "a free one", admin.fixedIP(t, "10.50.0.10"), object{
		"address": "10.50.0.10", "cidr": "10.50.0.0/24", "host": nil, "hostname": nil, "reserved": false,
	})
	for range 2 {
		admin.reserveIP(t, "10.50.0.10", "reserve").accepted(t, "reserve")
	}
	same(t, "reserved", admin.fixedIP(t, "10.50.0.10")["reserved"], true)
	before := admin.nova(t, 3, http.MethodGet, "/os-fixed-ips/10.50.0.10", nil).object(t, http.StatusOK)["fixed_ip"].(object)
	same(t, "before 2.4", keys(before), []string{"address", "cidr", "host", "hostname"})

	server := as.boot(t, "first", on(nil))
	same(t, "the first address that is left", as.addresses(t, server), []string{"10.50.0.11"})
	held := admin.fixedIP(t, "10.50.0.11")
	host := admin.settled(t, server)["OS-EXT-SRV-ATTR:host"]
	same(t, "held", held, object{"address": "10.50.0.11", "cidr": "10.50.0.0/24", "host": host, "hostname": "first", "reserved": false})
	if got := as.nova(t, 37, http.MethodPost, "/servers", object{"server": object{
		"name": "s", "imageRef": cloud.image, "flavorRef": cloud.flavor, "networks": []object{{"uuid": made["id"], "fixed_ip": "10.50.0.10"}},
	}}); got.status < 400 {
		t.Errorf("a server has the reserved address: %d %s", got.status, got.body)
	}
	admin.reserveIP(t, "10.50.0.11", "reserve").accepted(t, "reserve of a server's")
	same(t, "the server's address", as.addresses(t, server), []string{"10.50.0.11"})
	same(t, "reserved", admin.fixedIP(t, "10.50.0.11")["reserved"], true)
	as.nova(t, 1, http.MethodDelete, "/servers/"+server, nil)
	as.gone(t, server)
	second := as.boot(t, "second", on(nil))
	same(t, "the last address", as.addresses(t, second), []string{"10.50.0.12"})
	third := as.create(t, "third", on(nil))
	same(t, "where there is no address left", as.settled(t, third)["status"], "ERROR")

	for _, address := range []string{"10.50.0.10", "10.50.0.11", "10.50.0.11"} {
		admin.reserveIP(t, address, "unreserve").accepted(t, "unreserve "+address)
		same(t, "reserved", admin.fixedIP(t, address)["reserved"], false)
	}
	same(t, "the address that is free again", as.addresses(t, as.boot(t, "fourth", on(nil))), []string{"10.50.0.10"})
	same(t, "the gateway's", admin.fixedIP(t, "10.50.0.1")["reserved"], true)
}

func TestRefusedFixedIPs(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	admin := cloud.admin
	admin.nova(t, 1, http.MethodGet, "/os-fixed-ips/192.0.2.77", nil).refused(t, 404, "Fixed IP not found for address 192.0.2.77.")
	admin.nova(t, 1, http.MethodGet, "/os-fixed-ips/10.1.0", nil).refused(t, 400, "Fixed IP address 10.1.0 is invalid.")
	admin.reserveIP(t, "192.0.2.77", "reserve").refused(t, 404, "Fixed IP 192.0.2.77 not found")
	admin.reserveIP(t, "10.1.0", "unreserve").refused(t, 400, "Fixed IP 10.1.0 not valid")
	admin.nova(t, 1, http.MethodPost, "/os-fixed-ips/10.1.0.9/action", object{"reserve": "now"}).
		refused(t, 400, "Invalid input for field/attribute reserve. Value: now. 'now' is not one of ['None', None, {}]")
	cloud.demo.nova(t, 1, http.MethodGet, "/os-fixed-ips/10.1.0.9", nil).refused(t, 403, "Policy doesn't allow os_compute_api:os-fixed-ips to be performed.")
	admin.reserveIP(t, "10.1.0.9", "reserve").accepted(t, "reserve on a network of Neutron's own")
	port := admin.send(t, http.MethodGet, cloud.URL+"/network/v2.0/ports?fixed_ips=ip_address%3D10.1.0.9", nil, nil).object(t, http.StatusOK)["ports"].([]any)
	same(t, "ports that hold it", len(port), 1)
}

func TestVirtualInterfaces(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as := cloud.demo
	server := as.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}, {"uuid": cloud.ownNetwork(t)}}})
	list := func(v api.Version, query string) []any {
		t.Helper()
		return as.nova(t, v, http.MethodGet, "/servers/"+server+"/os-virtual-interfaces"+query, nil).object(t, http.StatusOK)["virtual_interfaces"].([]any)
	}
	all := list(12, "")
	same(t, "interfaces", len(all), 2)
	for i, network := range []string{cloud.network, cloud.ownNetwork(t)} {
		vif := all[i].(object)
		port := as.atNeutron(t, "ports/"+text(t, vif, "id"), "port")
		same(t, "interface", vif, object{"id": port["id"], "mac_address": port["mac_address"], "net_id": network})
	}
	same(t, "before 2.12", keys(list(11, "")[0].(object)), []string{"id", "mac_address"})
	same(t, "a page", list(12, "?limit=1&offset=1"), all[1:])
	same(t, "since 2.44", as.nova(t, 44, http.MethodGet, "/servers/"+server+"/os-virtual-interfaces", nil).status, http.StatusNotFound)
	legacy := as.send(t, http.MethodGet, cloud.URL+"/compute/v2/servers/"+server+"/os-virtual-interfaces", nil, nil).object(t, http.StatusOK)
	same(t, "in the legacy API", legacy["virtual_interfaces"].([]any)[0].(object)["OS-EXT-VIF-NET:net_id"], cloud.network)
	other := cloud.member(t, "q", "member")
	other.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-virtual-interfaces", nil).refused(t, 404, "Instance "+server+" could not be found.")
}

// A server is alive as long as it runs and has a port that is up.
func TestFping(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as, other := cloud.demo, cloud.member(t, "q", "member")
	server := as.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}}})
	bare := as.boot(t, "bare", nil)
	theirs := other.boot(t, "theirs", object{"networks": []object{{"uuid": cloud.network}}})
	alive := func(u *user, query string) object {
		t.Helper()
		found := object{}
		for _, s := range u.nova(t, 1, http.MethodGet, "/os-fping"+query, nil).object(t, http.StatusOK)["servers"].([]any) {
			s := s.(object)
			found[text(t, s, "id")] = s["alive"]
			same(t, "project", s["project_id"] == other.project, s["id"] == theirs)
		}
		return found
	}
	same(t, "own", alive(as, ""), object{server: true, bare: false})
	same(t, "all", alive(cloud.admin, "?all_tenants=1"), object{server: true, bare: false, theirs: true})
	same(t, "included", alive(cloud.admin, "?all_tenants=1&include="+server+","+theirs+"&exclude="+theirs), object{server: true, theirs: true})
	same(t, "excluded", alive(cloud.admin, "?all_tenants=1&exclude="+server+","+bare), object{theirs: true})
	as.nova(t, 1, http.MethodGet, "/os-fping?all_tenants=1", nil).refused(t, 403, "Policy doesn't allow os_compute_api:os-fping:all_tenants to be performed.")
	as.nova(t, 1, http.MethodGet, "/os-fping/"+theirs, nil).refused(t, 404, "Instance "+theirs+" could not be found.")

	port := text(t, as.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-virtual-interfaces", nil).object(t, http.StatusOK)["virtual_interfaces"].([]any)[0].(object), "id")
	up := func(up bool) {
		t.Helper()
		as.send(t, http.MethodPut, cloud.URL+"/network/v2.0/ports/"+port, nil, object{"port": object{"admin_state_up": up}}).object(t, http.StatusOK)
	}
	same(t, "alive", as.fping(t, server), true)
	up(false)
	same(t, "with its port down", as.fping(t, server), false)
	up(true)
	for _, step := range []struct {
		action string
		alive  bool
	}{{"pause", false}, {"unpause", true}, {"os-stop", false}, {"os-start", true}} {
		as.act(t, server, step.action, nil).accepted(t, step.action)
		as.settled(t, server)
		same(t, "after "+step.action, as.fping(t, server), step.alive)
	}
}

func TestResetNetwork(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	as := cloud.demo
	server := as.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}}})
	reset := func(u *user) *answer {
		return u.nova(t, 96, http.MethodPost, "/servers/"+server+"/action", object{"resetNetwork": nil})
	}
	reset(as).refused(t, 403, "Policy doesn't allow os_compute_api:os-admin-actions:reset_network to be performed.")
	reset(cloud.admin).accepted(t, "resetNetwork")
	links := func() int {
		output := as.act(t, server, "os-getConsoleOutput", object{}).object(t, http.StatusOK)
		return strings.Count(text(t, output, "output"), "eth0: link up")
	}
	for range 2000 {
		if links() > 0 {
			break
		}
		pause()
	}
	same(t, "links that came up again", links(), 1)
	actions := as.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-instance-actions", nil).object(t, http.StatusOK)["instanceActions"].([]any)
	same(t, "instance actions", len(actions), 1) // create: Nova kept none of it
	unbuilt := as.create(t, "unbuilt", object{"networks": "none", "flavorRef": cloud.hugeFlavor(t)})
	as.settled(t, unbuilt)
	cloud.admin.nova(t, 96, http.MethodPost, "/servers/"+unbuilt+"/action", object{"resetNetwork": nil}).refused(t, 409, "Instance "+unbuilt+" is not ready")
}

// hugeFlavor is a flavor that no host has room for.
func (c *cloud) hugeFlavor(t *testing.T) string {
	t.Helper()
	made := c.admin.nova(t, 1, http.MethodPost, "/flavors", object{"flavor": object{"name": "huge", "ram": 64, "vcpus": 1, "disk": 1 << 20, "id": "huge"}})
	return text(t, made.object(t, http.StatusOK), "flavor", "id")
}
