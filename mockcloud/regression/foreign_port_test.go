// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// The device of a port is free text: who writes another project's server into it does not give that server
// an address, and the server's end leaves the port alone.
func TestForeignPort(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	owner, other := login(t, cloud, "demo"), login(t, cloud, "admin")
	id := owner.create(`{"server": {"name": "s", "imageRef": "` + owner.image() + `", "flavorRef": "42", "networks": "auto"}}`)
	if status := owner.settled(id); status != "ACTIVE" {
		t.Fatalf("the server is %s", status)
	}
	made := func(kind, body string) string {
		_, answer := other.ask(http.MethodPost, "/network/v2.0/"+kind+"s", `{"`+kind+`": {`+body+`}}`)
		id, _ := answer[kind].(map[string]any)["id"].(string)
		return id
	}
	network := made("network", `"name": "trap"`)
	made("subnet", `"network_id": "`+network+`", "ip_version": 4, "cidr": "10.66.0.0/24"`)
	port := "/network/v2.0/ports/" + made("port", `"network_id": "`+network+`"`)
	other.ask(http.MethodPut, port, `{"port": {"device_id": "`+id+`", "device_owner": "compute:nova"}}`)
	other.ask(http.MethodPut, port, `{"port": {"name": "now Neutron would tell Nova"}}`)

	_, answer := owner.ask(http.MethodGet, "/compute/v2.1/servers/"+id, "")
	addresses, _ := answer["server"].(map[string]any)["addresses"].(map[string]any)
	if len(addresses) != 1 || addresses["private"] == nil {
		t.Errorf("the server's addresses are %v", addresses)
	}
	owner.ask(http.MethodDelete, "/compute/v2.1/servers/"+id, "")
	if err := cloud.Compute.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, answer = other.ask(http.MethodGet, port, "")
	if device := answer["port"].(map[string]any)["device_id"]; device != id {
		t.Errorf("the port's device is %v", device)
	}
}
