// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"
)

// interfaces attaches and detaches in the name of a user.
type interfaces struct {
	*user
	t      *testing.T
	server string
}

func (i interfaces) attach(attachment object) *answer {
	i.t.Helper()
	return i.nova(i.t, 70, http.MethodPost, "/servers/"+i.server+"/os-interface", object{"interfaceAttachment": attachment})
}

// attached is what was attached.
func (i interfaces) attached(attachment object) object {
	i.t.Helper()
	return i.attach(attachment).object(i.t, http.StatusOK)["interfaceAttachment"].(object)
}

// detach waits until the port is no longer the server's.
func (i interfaces) detach(port string) {
	i.t.Helper()
	path := "/servers/" + i.server + "/os-interface/" + port
	if got := i.nova(i.t, 1, http.MethodDelete, path, nil); got.status != http.StatusAccepted {
		i.t.Fatalf("detach: %d %s", got.status, got.body)
	}
	for range 2000 {
		if i.nova(i.t, 1, http.MethodGet, path, nil).status == http.StatusNotFound {
			return
		}
		pause()
	}
	i.t.Fatalf("port %s is not detached", port)
}

// port is Neutron's own view of a port; nil when there is none.
func (u *user) port(t *testing.T, id string) object {
	t.Helper()
	got := u.send(t, http.MethodGet, u.cloud.URL+"/network/v2.0/ports/"+id, nil, nil)
	if got.status == http.StatusNotFound {
		return nil
	}
	return got.object(t, http.StatusOK)["port"].(object)
}

// What Nova attaches, Neutron shows as the server's, the server's addresses tell, and a detach takes away:
// with the port, if it was made for the server.
func TestInterfaces(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := cloud.admin.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}}})
	i := interfaces{cloud.admin, t, server}
	own := cloud.neutron(t, "ports", "port", object{"network_id": cloud.network})

	byPort := i.attached(object{"port_id": own, "tag": "mine"})
	byAddress := i.attached(object{"net_id": cloud.network, "fixed_ips": []object{{"ip_address": "10.1.0.99"}}})
	same(t, "port", byPort["port_id"], own)
	same(t, "tag", byPort["tag"], "mine")
	same(t, "port_state", byPort["port_state"], "ACTIVE")
	same(t, "tag of an interface without one", byAddress["tag"], nil)
	same(t, "address", text(t, byAddress["fixed_ips"].([]any)[0].(object), "ip_address"), "10.1.0.99")

	p := cloud.admin.port(t, own)
	same(t, "device_id", p["device_id"], server)
	same(t, "device_owner", p["device_owner"], "compute:nova")
	shown := cloud.admin.settled(t, server)
	same(t, "binding:host_id", p["binding:host_id"], shown["OS-EXT-SRV-ATTR:host"])
	same(t, "addresses", len(shown["addresses"].(object)["private"].([]any)), 3)
	list := cloud.admin.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-interface", nil).object(t, http.StatusOK)["interfaceAttachments"].([]any)
	same(t, "interfaces", len(list), 3)
	same(t, "the second interface", text(t, list[1].(object), "port_id"), own)

	made := text(t, byAddress, "port_id")
	i.detach(own)
	i.detach(made)
	same(t, "the user's port is free again", cloud.admin.port(t, own)["device_id"], "")
	if p := cloud.admin.port(t, made); p != nil {
		t.Errorf("the server's port outlives its detach: %v", p)
	}
	same(t, "addresses", len(cloud.admin.settled(t, server)["addresses"].(object)["private"].([]any)), 1)

	i.detach(text(t, list[0].(object), "port_id"))
	same(t, "addresses", cloud.admin.settled(t, server)["addresses"], object{})
}

// An attach leaves its instance action, and so does a detach, also of a port that is not there.
func TestInstanceActionsOfInterfaces(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := cloud.admin.boot(t, "s", nil)
	i := interfaces{cloud.admin, t, server}
	i.detach(text(t, i.attached(object{"net_id": cloud.network}), "port_id"))
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	i.detach(nowhere)
	list := cloud.admin.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-instance-actions", nil).object(t, http.StatusOK)
	actions := list["instanceActions"].([]any)
	for at, want := range []struct{ action, event, result string }{
		{"detach_interface", "compute_detach_interface", "Error"},
		{"detach_interface", "compute_detach_interface", "Success"},
		{"attach_interface", "compute_attach_interface", "Success"},
	} {
		action := actions[at].(object)
		same(t, "action", action["action"], want.action)
		path := "/servers/" + server + "/os-instance-actions/" + text(t, action, "request_id")
		var event object
		for range 2000 {
			events := cloud.admin.nova(t, 84, http.MethodGet, path, nil).object(t, http.StatusOK)["instanceAction"].(object)["events"].([]any)
			if len(events) == 1 && events[0].(object)["result"] != nil {
				event = events[0].(object)
				break
			}
			pause()
		}
		same(t, "event", event["event"], want.event)
		same(t, "result", event["result"], want.result)
		if want.result == "Error" {
			same(t, "details", event["details"], "Port "+nowhere+" is not attached")
		}
	}
}

// What Nova refuses to attach, in its own words; and nothing is attached.
func TestRefusedInterfaces(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := cloud.admin.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}}})
	i := interfaces{cloud.admin, t, server}
	taken := text(t, i.attached(object{"net_id": cloud.network}), "port_id")
	const nowhere = "6a6f4d0c-5a6b-4a55-8a0a-0d4d0a0f0d0c"
	bare := cloud.neutron(t, "networks", "network", object{"name": "bare"})
	address := func(ip string) []object { return []object{{"ip_address": ip}} }
	for _, test := range []struct {
		attachment object
		status     int
		message    string
	}{
		{object{"net_id": cloud.network, "port_id": taken}, 400, "Must not input both network_id and port_id"},
		{object{"fixed_ips": address("10.1.0.9")}, 400, "Must input network_id when request IP address"},
		{object{"port_id": taken}, 409, "Port " + taken + " is still in use."},
		{object{"port_id": nowhere}, 404, "Port id " + nowhere + " could not be found."},
		{object{"net_id": nowhere}, 404, "Network " + nowhere + " could not be found."},
		{object{"net_id": bare}, 400, "Network requires port_security_enabled and subnet associated in order to apply security groups."},
		{object{"net_id": cloud.network, "fixed_ips": address("10.1.0.2")}, 409, "Fixed IP 10.1.0.2 is already in use."},
		{
			object{"net_id": cloud.network, "fixed_ips": address("10.9.0.1")}, 400,
			"Invalid input received: Fixed IP 10.9.0.1 is not a valid ip address for network " + cloud.network + ".",
		},
		{object{}, 400, "Multiple possible networks found, use a Network ID to be more specific."},
	} {
		i.attach(test.attachment).refused(t, test.status, test.message)
	}
	cloud.admin.nova(t, 1, http.MethodPost, "/servers/"+server+"/action", object{"lock": nil})
	demo := interfaces{cloud.demo, t, server}
	demo.attach(object{"net_id": cloud.network}).refused(t, http.StatusNotFound, "Instance "+server+" could not be found.")

	locked := cloud.demo.boot(t, "locked", nil)
	cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+locked+"/action", object{"lock": nil})
	interfaces{cloud.demo, t, locked}.attach(object{"net_id": cloud.network}).refused(t, http.StatusConflict, "Instance "+locked+" is locked")
	if got := cloud.admin.settled(t, server)["addresses"].(object)["private"].([]any); len(got) != 2 {
		t.Errorf("addresses after what was refused: %v", got)
	}
}

// What happens to a server's ports and their network at Neutron reaches the server.
func TestServersFollowNeutron(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := cloud.admin.boot(t, "s", object{"networks": []object{{"uuid": cloud.network}}})
	port := text(t, interfaces{cloud.admin, t, server}.attached(object{"net_id": cloud.network}), "port_id")
	put := func(path string, body object) {
		cloud.admin.send(t, http.MethodPut, cloud.URL+"/network/v2.0/"+path, nil, body).object(t, http.StatusOK)
	}
	put("networks/"+cloud.network, object{"network": object{"name": "renamed"}})
	same(t, "addresses", keys(cloud.admin.settled(t, server)["addresses"].(object)), []string{"renamed"})
	put("ports/"+port, object{"port": object{"fixed_ips": []object{{"ip_address": "10.1.0.77"}}}})
	list := cloud.admin.settled(t, server)["addresses"].(object)["renamed"].([]any)
	same(t, "address", list[1].(object)["addr"], "10.1.0.77")
	if got := cloud.admin.send(t, http.MethodDelete, cloud.URL+"/network/v2.0/ports/"+port, nil, nil); got.status != http.StatusNoContent {
		t.Fatalf("delete of a port: %d %s", got.status, got.body)
	}
	same(t, "addresses", len(cloud.admin.settled(t, server)["addresses"].(object)["renamed"].([]any)), 1)
}
