// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"testing"
)

const dns = "/os-floating-ip-dns"

func domainOf(scope string, more object) object {
	entry := object{"scope": scope}
	for key, value := range more {
		entry[key] = value
	}
	return object{"domain_entry": entry}
}

func nameOf(address string) object {
	return object{"dns_entry": object{"ip": address, "dns_type": "A"}}
}

// Domains are administrators' to make and to drop, and everybody's to see.
func TestDNSDomains(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	made := cloud.admin.nova(t, 35, http.MethodPut, dns+"/domain1.example.org", domainOf("public", object{"project": cloud.demo.project})).object(t, http.StatusOK)
	want := object{"domain": "domain1.example.org", "scope": "public", "project": cloud.demo.project, "availability_zone": nil}
	same(t, "made", made["domain_entry"], want)
	// Clients of old spell a domain's dots like this.
	cloud.admin.nova(t, 1, http.MethodPut, dns+"/zone%252Eexample", domainOf("private", object{"availability_zone": "nova"})).object(t, http.StatusOK)
	list := cloud.demo.nova(t, 1, http.MethodGet, dns, nil).object(t, http.StatusOK)
	same(t, "list", list["domain_entries"], []any{
		want, object{"domain": "zone.example", "scope": "private", "project": nil, "availability_zone": "nova"},
	})
	changed := cloud.admin.nova(t, 1, http.MethodPut, dns+"/zone.example", domainOf("public", nil)).object(t, http.StatusOK)
	same(t, "changed", changed["domain_entry"].(object)["scope"], "public")

	for _, test := range []struct {
		entry object
		words string
	}{
		{object{"scope": "private", "project": "p"}, "you can not pass project if the scope is private"},
		{object{"scope": "public", "availability_zone": "az"}, "you can not pass av_zone if the scope is public"},
		{object{"scope": "secret"}, "Invalid input for field/attribute scope. Value: secret. 'secret' is not one of ['public', 'private']"},
		{object{}, "Invalid input for field/attribute domain_entry. Value: {}. 'scope' is a required property"},
	} {
		cloud.admin.nova(t, 1, http.MethodPut, dns+"/x.example", object{"domain_entry": test.entry}).refused(t, http.StatusBadRequest, test.words)
	}
	same(t, "by demo", cloud.demo.nova(t, 1, http.MethodPut, dns+"/x.example", domainOf("public", nil)).status, http.StatusForbidden)
	same(t, "by demo", cloud.demo.nova(t, 1, http.MethodDelete, dns+"/zone.example", nil).status, http.StatusForbidden)

	cloud.admin.nova(t, 1, http.MethodPut, dns+"/zone.example/entries/www", nameOf("192.0.2.1")).object(t, http.StatusOK)
	same(t, "delete", cloud.admin.nova(t, 1, http.MethodDelete, dns+"/zone.example", nil).status, http.StatusOK)
	cloud.admin.nova(t, 1, http.MethodDelete, dns+"/zone.example", nil).refused(t, http.StatusNotFound, "The DNS domain zone.example could not be found.")
	cloud.admin.nova(t, 1, http.MethodGet, dns+"/zone.example/entries/www", nil).refused(t, http.StatusNotFound, "DNS entries not found.")
	same(t, "later", cloud.admin.nova(t, 36, http.MethodGet, dns, nil).status, http.StatusNotFound)
}

// Names are found by name and by address, move, and go with their address.
func TestDNSEntries(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	const entries = dns + "/domain1.example.org/entries/"
	made := cloud.demo.nova(t, 1, http.MethodPut, entries+"instance1", nameOf("192.168.1.1")).object(t, http.StatusOK)
	entry := func(name, address string, kind any) object {
		return object{"domain": "domain1.example.org", "id": nil, "ip": address, "name": name, "type": kind}
	}
	same(t, "made", made["dns_entry"], entry("instance1", "192.168.1.1", "A"))
	cloud.demo.nova(t, 1, http.MethodPut, entries+"alias", nameOf("192.168.1.1")).object(t, http.StatusOK)
	found := cloud.demo.nova(t, 1, http.MethodGet, entries+"Instance1", nil).object(t, http.StatusOK)
	same(t, "by name", found["dns_entry"], entry("Instance1", "192.168.1.1", nil))
	found = cloud.demo.nova(t, 1, http.MethodGet, entries+"192.168.1.1", nil).object(t, http.StatusOK)
	same(t, "by address", found["dns_entries"], []any{entry("alias", "192.168.1.1", nil), entry("instance1", "192.168.1.1", nil)})

	cloud.demo.nova(t, 1, http.MethodPut, entries+"alias", nameOf("192.168.1.2")).object(t, http.StatusOK)
	found = cloud.demo.nova(t, 1, http.MethodGet, entries+"alias", nil).object(t, http.StatusOK)
	same(t, "moved", found["dns_entry"].(object)["ip"], "192.168.1.2")
	same(t, "delete", cloud.demo.nova(t, 1, http.MethodDelete, entries+"alias", nil).status, http.StatusOK)
	same(t, "again", cloud.demo.nova(t, 1, http.MethodDelete, entries+"alias", nil).status, http.StatusNotFound)
	for _, id := range []string{"alias", "192.168.1.2"} {
		cloud.demo.nova(t, 1, http.MethodGet, entries+id, nil).refused(t, http.StatusNotFound, "DNS entries not found.")
	}
	cloud.demo.nova(t, 1, http.MethodPut, entries+"x", object{"dns_entry": object{"ip": "nowhere", "dns_type": "A"}}).refused(t, http.StatusBadRequest,
		"Invalid input for field/attribute ip. Value: nowhere. 'nowhere' is not a 'ip'")
	cloud.demo.nova(t, 1, http.MethodPut, entries+"x", object{"dns_entry": object{"ip": "192.0.2.1", "dns_type": "MX"}}).refused(t, http.StatusBadRequest,
		"Invalid input for field/attribute dns_type. Value: MX. 'MX' is not one of ['a', 'A']")

	floating := cloud.admin.nova(t, 1, http.MethodPost, "/os-floating-ips", nil).object(t, http.StatusOK)
	cloud.admin.nova(t, 1, http.MethodPut, entries+"out", nameOf(text(t, floating, "floating_ip", "ip"))).object(t, http.StatusOK)
	same(t, "give back", cloud.admin.nova(t, 1, http.MethodDelete, "/os-floating-ips/"+text(t, floating, "floating_ip", "id"), nil).status, http.StatusAccepted)
	same(t, "its name", cloud.admin.nova(t, 1, http.MethodGet, entries+"out", nil).status, http.StatusNotFound)
}

// A domain that is a project's has names by that project alone; elsewhere each project has its own.
func TestDNSEntriesOfOthers(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	other := cloud.member(t, "elsewhere", "member")
	cloud.admin.nova(t, 1, http.MethodPut, dns+"/theirs.example", domainOf("public", object{"project": other.project})).object(t, http.StatusOK)
	cloud.admin.nova(t, 1, http.MethodPut, dns+"/all.example", domainOf("public", nil)).object(t, http.StatusOK)
	for _, domain := range []string{"/theirs.example", "/all.example", "/nobodys.example"} {
		entry := dns + domain + "/entries/www"
		other.nova(t, 1, http.MethodPut, entry, nameOf("192.0.2.1")).object(t, http.StatusOK)
		same(t, "change in "+domain, cloud.demo.nova(t, 1, http.MethodPut, entry, nameOf("192.0.2.2")).status, http.StatusForbidden)
		same(t, "delete in "+domain, cloud.demo.nova(t, 1, http.MethodDelete, entry, nil).status, http.StatusForbidden)
		found := cloud.demo.nova(t, 1, http.MethodGet, entry, nil).object(t, http.StatusOK)
		same(t, "seen in "+domain, found["dns_entry"].(object)["ip"], "192.0.2.1")
		cloud.admin.nova(t, 1, http.MethodPut, entry, nameOf("192.0.2.3")).object(t, http.StatusOK)
	}
	same(t, "new in theirs", cloud.demo.nova(t, 1, http.MethodPut, dns+"/theirs.example/entries/mine", nameOf("192.0.2.2")).status, http.StatusForbidden)
	cloud.demo.nova(t, 1, http.MethodPut, dns+"/all.example/entries/mine", nameOf("192.0.2.2")).object(t, http.StatusOK)
}

// The root is nobody's to make a domain of, and neither is what no resolver can ask for.
func TestDNSNamesThatAreNone(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	for _, name := range []string{".", "%0a", "a%20b", "%00"} {
		same(t, "domain "+name, cloud.admin.nova(t, 1, http.MethodPut, dns+"/"+name, domainOf("public", nil)).status, http.StatusBadRequest)
		same(t, "name "+name, cloud.demo.nova(t, 1, http.MethodPut, dns+"/d.example/entries/"+name, nameOf("192.0.2.1")).status, http.StatusBadRequest)
	}
	cloud.demo.nova(t, 1, http.MethodPut, dns+"/d.example/entries/local", nameOf("fe80::1%eth0")).refused(t, http.StatusBadRequest,
		"Invalid input for field/attribute ip. Value: fe80::1%eth0. 'fe80::1%eth0' is not valid under any of the given schemas")
	same(t, "domains", cloud.admin.nova(t, 1, http.MethodGet, dns, nil).object(t, http.StatusOK)["domain_entries"], any([]any{}))
}
