// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"slices"
	"testing"
)

const bulk = "/os-floating-ips-bulk"

func bulkOf(addresses, pool, device string) object {
	fields := object{"ip_range": addresses}
	for key, value := range map[string]string{"pool": pool, "interface": device} {
		if value != "" {
			fields[key] = value
		}
	}
	return object{"floating_ips_bulk_create": fields}
}

// inPool is what os-floating-ips-bulk tells of a pool's addresses.
func (c *cloud) inPool(t *testing.T, pool string) (found []object) {
	t.Helper()
	for _, item := range c.admin.nova(t, 1, http.MethodGet, bulk, nil).object(t, http.StatusOK)["floating_ip_info"].([]any) {
		if info := item.(object); info["pool"] == pool {
			found = append(found, info)
		}
	}
	return found
}

func (c *cloud) pools(t *testing.T) (names []string) {
	t.Helper()
	for _, pool := range c.demo.nova(t, 1, http.MethodGet, "/os-floating-ip-pools", nil).object(t, http.StatusOK)["floating_ip_pools"].([]any) {
		names = append(names, pool.(object)["name"].(string))
	}
	slices.Sort(names)
	return names
}

func addressesOf(infos []object) (list []string) {
	for _, info := range infos {
		list = append(list, info["address"].(string))
	}
	return list
}

// A pool that is made in bulk gives its addresses to whoever asks for one, and no others.
func TestFloatingIPsInBulk(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	made := cloud.admin.nova(t, 35, http.MethodPost, bulk, bulkOf("192.168.1.0/29", "nova", "eth7")).object(t, http.StatusOK)
	same(t, "made", made["floating_ips_bulk_create"], object{"ip_range": "192.168.1.0/29", "pool": "nova", "interface": "eth7"})
	cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("192.168.9.9", "nova", "")).object(t, http.StatusOK)
	same(t, "pools", cloud.pools(t), []string{"nova", "public"})
	all := []string{"192.168.1.1", "192.168.1.2", "192.168.1.3", "192.168.1.4", "192.168.1.5", "192.168.1.6", "192.168.9.9"}
	list := cloud.inPool(t, "nova")
	same(t, "addresses", addressesOf(list), all)
	idle := object{"address": "192.168.1.1", "pool": "nova", "interface": "eth7", "project_id": nil, "instance_uuid": nil, "fixed_ip": nil}
	same(t, "first", list[0], idle)
	same(t, "its interface", list[6]["interface"], "eth0")

	var given []string
	for range all {
		got := cloud.demo.nova(t, 1, http.MethodPost, "/os-floating-ips", object{"pool": "nova"}).object(t, http.StatusOK)
		given = append(given, text(t, got, "floating_ip", "ip"))
	}
	slices.Sort(given)
	same(t, "given", given, all)
	cloud.demo.nova(t, 1, http.MethodPost, "/os-floating-ips", object{"pool": "nova"}).refused(t, http.StatusNotFound, "No more floating IPs in pool nova.")
	same(t, "project", cloud.inPool(t, "nova")[3]["project_id"], cloud.demo.project)

	// Those that projects have go, too, and with the last the pool.
	gone := cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": "192.168.1.4/30"}).object(t, http.StatusOK)
	same(t, "deleted", gone, object{"floating_ips_bulk_delete": "192.168.1.4/30"})
	same(t, "left", addressesOf(cloud.inPool(t, "nova")), []string{"192.168.1.1", "192.168.1.2", "192.168.1.3", "192.168.1.4", "192.168.9.9"})
	same(t, "demo's", len(cloud.demo.nova(t, 1, http.MethodGet, "/os-floating-ips", nil).object(t, http.StatusOK)["floating_ips"].([]any)), 5)
	cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("192.168.1.5", "nova", "eth8")).object(t, http.StatusOK)
	same(t, "again", cloud.inPool(t, "nova")[4]["interface"], "eth8")
	for _, addresses := range []string{"192.168.1.0/24", "192.168.9.9", "10.99.0.1"} {
		cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": addresses}).object(t, http.StatusOK)
	}
	same(t, "pools", cloud.pools(t), []string{"public"})
	same(t, "later", cloud.admin.nova(t, 36, http.MethodGet, bulk, nil).status, http.StatusNotFound)
	same(t, "by demo", cloud.demo.nova(t, 1, http.MethodGet, bulk, nil).status, http.StatusForbidden)
}

// Without a pool's name addresses go where floating IPs come from by default, and lead to servers there.
func TestFloatingIPsInBulkLeadToServers(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": "198.51.100.0/24"}).object(t, http.StatusOK)
	same(t, "empty", cloud.inPool(t, "public"), []object(nil))
	same(t, "pools", cloud.pools(t), []string{"public"}) // it is not ours to drop
	cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("198.51.100.77", "", "")).object(t, http.StatusOK)
	cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("203.0.113.8", "", "")).object(t, http.StatusOK)
	private := text(t, cloud.demo.send(t, http.MethodGet, cloud.URL+"/network/v2.0/networks?name=private&project_id="+cloud.demo.project, nil, nil).
		object(t, http.StatusOK)["networks"].([]any)[0].(object), "id")
	id := cloud.demo.boot(t, "reached", object{"networks": []object{{"uuid": private}}})
	server := cloud.admin.nova(t, 1, http.MethodGet, "/servers/"+id, nil).object(t, http.StatusOK)["server"].(object)
	host, fixed := server["OS-EXT-SRV-ATTR:host"].(string), server["addresses"].(object)["private"].([]any)[0].(object)["addr"]
	cloud.admin.nova(t, 1, http.MethodGet, bulk+"/"+host, nil).refused(t, http.StatusNotFound, "Floating IP not found for host "+host+".")
	for range 2 {
		address := text(t, cloud.demo.nova(t, 1, http.MethodPost, "/os-floating-ips", nil).object(t, http.StatusOK), "floating_ip", "ip")
		got := cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"addFloatingIp": object{"address": address}})
		same(t, "associate "+address, got.status, http.StatusAccepted)
		info := cloud.admin.nova(t, 1, http.MethodGet, bulk+"/"+host, nil).object(t, http.StatusOK)["floating_ip_info"]
		same(t, "on its host", info, []any{object{
			"address": address, "pool": "public", "interface": "eth0", "project_id": cloud.demo.project, "instance_uuid": id, "fixed_ip": fixed,
		}})
		got = cloud.demo.nova(t, 1, http.MethodPost, "/servers/"+id+"/action", object{"removeFloatingIp": object{"address": address}})
		same(t, "dissociate "+address, got.status, http.StatusAccepted)
	}
	// The subnet of the pool is there, so that all but its gateway goes into that.
	cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": "198.51.100.77"}).object(t, http.StatusOK)
	cloud.admin.nova(t, 1, http.MethodPost, bulk, bulkOf("198.51.100.0/30", "", "")).object(t, http.StatusOK)
	list := addressesOf(cloud.inPool(t, "public"))
	if slices.Contains(list, "198.51.100.1") {
		t.Errorf("the gateway is a floating IP: %v", list)
	}
}

func TestFloatingIPsInBulkRefused(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	before := cloud.pools(t)
	refuse := func(status int, words string, body object) {
		t.Helper()
		cloud.admin.nova(t, 1, http.MethodPost, bulk, body).refused(t, status, words)
	}
	refuse(http.StatusConflict, "Floating IP 198.51.100.2 already exists.", bulkOf("198.51.100.0/24", "", ""))
	refuse(http.StatusConflict, "Floating IP 198.51.100.9 already exists.", bulkOf("198.51.100.9", "another", ""))
	refuse(http.StatusBadRequest, "Invalid input received: /31 should be specified as single address(es) not in cidr format", bulkOf("10.9.0.0/31", "x", ""))
	refuse(http.StatusBadRequest, "Invalid input received: /8 has more addresses than can be made at once", bulkOf("10.0.0.0/8", "x", ""))
	refuse(http.StatusBadRequest, "Invalid input received: invalid IPNetwork 10.9.0.0/33", bulkOf("10.9.0.0/33", "x", ""))
	refuse(http.StatusBadRequest, "Invalid input received: invalid IPNetwork ", bulkOf("", "x", ""))
	refuse(http.StatusBadRequest, "Invalid input for field/attribute ip_range. Value: ten. 'ten' does not match '^[0-9./a-fA-F]*$'", bulkOf("ten", "x", ""))
	refuse(http.StatusBadRequest, "Invalid input for operation: Multicast IP subnet is not supported if enable_dhcp is True.", bulkOf("224.0.0.0/24", "x", ""))
	same(t, "pools", cloud.pools(t), before)
	cloud.admin.nova(t, 1, http.MethodPut, bulk+"/drop", object{"ip_range": "10.9.0.1"}).refused(t, http.StatusNotFound, "Unknown action")
	cloud.admin.nova(t, 1, http.MethodPut, bulk+"/delete", object{"ip_range": "10.9.0.0/32"}).refused(t, http.StatusBadRequest,
		"Invalid input received: /32 should be specified as single address(es) not in cidr format")
}
