// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// fleet are servers that differ, in the project demo unless said otherwise, in the order of their making:
// alpha, beta, gamma, root (of the project admin), gone (deleted).
type fleet struct {
	*cloud
	id     map[string]string
	betaIP string
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	f := &fleet{cloud: start(t), id: map[string]string{}}
	key := object{"keypair": object{"name": "key", "public_key": publicKey}}
	f.demo.nova(t, 2, http.MethodPost, "/os-keypairs", key).object(t, http.StatusCreated)
	net := []object{{"uuid": f.network}}
	f.id["alpha"] = f.demo.boot(t, "alpha", object{
		"tags": []string{"red", "round"}, "description": "The first", "hostname": "host-a", "accessIPv4": "192.0.2.1", "flavorRef": "42",
		"config_drive": true, "OS-DCF:diskConfig": "AUTO",
	})
	f.id["beta"] = f.demo.boot(t, "Beta.2", object{"tags": []string{"red"}, "networks": net, "key_name": "key", "flavorRef": "84"})
	f.id["gamma"] = f.demo.boot(t, "gamma", object{"metadata": object{"a": "b"}, "accessIPv4": "192.0.2.2", "availability_zone": "nova"})
	f.demo.nova(t, 1, http.MethodPost, "/servers/"+f.id["gamma"]+"/action", object{"os-stop": nil})
	f.demo.settled(t, f.id["gamma"])
	f.demo.nova(t, 73, http.MethodPost, "/servers/"+f.id["gamma"]+"/action", object{"lock": object{"locked_reason": "rust"}})
	f.id["root"] = f.admin.boot(t, "root", object{"host": "compute-2"})
	f.id["gone"] = f.demo.boot(t, "gone", nil)
	f.demo.nova(t, 1, http.MethodDelete, "/servers/"+f.id["gone"], nil)
	f.demo.gone(t, f.id["gone"])
	beta := f.demo.settled(t, f.id["beta"])
	f.betaIP = text(t, beta["addresses"].(object)["private"].([]any)[0].(object), "addr")
	return f
}

// Every parameter of GET /servers and what it finds, for users and administrators.
func TestServerFilters(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	server := f.admin.nova(t, 90, http.MethodGet, "/servers/"+f.id["alpha"], nil).object(t, http.StatusOK)["server"].(object)
	reservation, host := text(t, server, "OS-EXT-SRV-ATTR:reservation_id"), text(t, server, "OS-EXT-SRV-ATTR:host")
	const all, past, future = "gamma Beta.2 alpha", "2001-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
	const newest, everywhere = nova.Newest, "all_tenants=1&"
	for _, c := range []struct {
		as    *user
		v     api.Version
		query string
		want  string // names, newest first
	}{
		{f.demo, 1, "", all},
		{f.demo, newest, "name=a", all},
		{f.demo, 1, "name=^a", "alpha"},
		{f.demo, 1, "name=BETA", "Beta.2"},
		{f.demo, 1, "name=a$", "gamma alpha"},
		{f.demo, 1, "name=\\.2", "Beta.2"},
		{f.demo, 1, "name=zeta", ""},
		{f.demo, 1, "status=active", "Beta.2 alpha"},
		{f.demo, 1, "status=SHUTOFF", "gamma"},
		{f.demo, 1, "status=SHUTOFF&status=ACTIVE", all},
		{f.demo, 1, "status=nonsense", ""},
		{f.demo, 37, "status=nonsense", ""},
		{f.demo, 1, "status=BUILD", ""},
		{f.demo, 1, "image=" + f.image, all},
		{f.demo, 1, "image=" + f.network, ""},
		{f.demo, 1, "flavor=84", "Beta.2"},
		{f.demo, 1, "flavor=nothing", ""},
		{f.demo, 1, "ip=" + url.QueryEscape("^"+f.betaIP+"$"), "Beta.2"},
		{f.demo, 1, "ip=10.1", "Beta.2"},
		{f.demo, 1, "ip=203", ""},
		{f.demo, 4, "ip6=fe80", all}, // since 2.5
		{f.demo, 5, "ip6=fe80", ""},
		{f.demo, 1, "reservation_id=" + reservation, "alpha"},
		{f.demo, 25, "tags=red,round", all},
		{f.demo, 26, "tags=red", "Beta.2 alpha"},
		{f.demo, 26, "tags=red,round", "alpha"},
		{f.demo, 26, "tags-any=round,blue", "alpha"},
		{f.demo, 26, "not-tags=red,round", "gamma Beta.2"},
		{f.demo, 26, "not-tags-any=red,blue", "gamma"},
		{f.demo, 72, "locked=true", all},
		{f.demo, 73, "locked=true", "gamma"},
		{f.demo, 73, "locked=no", "Beta.2 alpha"},
		{f.demo, 82, "key_name=key", all},
		{f.demo, 83, "key_name=key", "Beta.2"},
		{f.demo, 83, "availability_zone=nova", all},
		{f.demo, 83, "config_drive=True", "alpha"},
		{f.demo, 83, "created_at=^2", all},
		{f.demo, 83, "launched_at=^2", all},
		{f.demo, 83, "terminated_at=^2", ""},
		{f.demo, 83, "power_state=4", "gamma"},
		{f.demo, 83, "vm_state=stopped", "gamma"},
		{f.demo, 83, "task_state=deleting", ""},
		{f.demo, 83, "progress=0", all},
		{f.demo, 83, "user_id=" + f.admin.id, ""},
		{f.demo, 89, "hostname=host-a", all},
		{f.demo, 90, "hostname=host-a", "alpha"},
		{f.demo, 1, "changes-since=" + future, ""},
		{f.demo, 1, "changes-since=" + past, "gone " + all},
		{f.demo, 66, "changes-before=" + future, "gone " + all},
		{f.demo, 66, "changes-before=" + past, ""},
		{f.demo, 65, "changes-before=" + past, all},
		// What users may not use is passed over.
		{f.demo, 74, "host=nowhere&deleted=true&access_ip_v4=x&display_name=x&uuid=x&nonsense=1&_private=1&metadata=x", all},
		{f.demo, newest, "host=nowhere&deleted=true&locked_by=admin&launch_index=9&root_device_name=x&tenant_id=x", all},
		{f.demo, 1, "project_id=" + f.admin.project, all},
		{f.demo, 1, "all_tenants=0", all},

		{f.admin, 1, "", "root"},
		{f.admin, 1, "all_tenants", "root " + all},
		{f.admin, 1, "all_tenants=true", "root " + all},
		{f.admin, 1, everywhere + "project_id=" + f.demo.project, all},
		{f.admin, 1, everywhere + "tenant_id=" + f.admin.project, "root"},
		{f.admin, 1, "tenant_id=" + f.demo.project, "root"},
		{f.admin, 1, everywhere + "host=compute-2&name=root", "root"},
		{f.admin, 1, everywhere + "host=compute", ""},
		{f.admin, 1, everywhere + "name=alpha&host=" + host, "alpha"},
		{f.admin, 1, everywhere + "node=^compute-2&name=root", "root"},
		{f.admin, 1, everywhere + "uuid=" + f.id["gamma"], "gamma"},
		{f.admin, 1, everywhere + "access_ip_v4=192.0.2", "gamma alpha"},
		{f.admin, 1, everywhere + "display_name=^gam", "gamma"},
		{f.admin, 1, everywhere + "display_description=first", "alpha"},
		{f.admin, 1, everywhere + "auto_disk_config=true", "alpha"},
		{f.admin, 1, everywhere + "locked_by=owner", "gamma"},
		{f.admin, 1, everywhere + "fixed_ip=" + f.betaIP, "Beta.2"},
		{f.admin, 1, everywhere + "image_ref=" + f.image, "root " + all},
		{f.admin, 1, everywhere + "user_id=" + f.demo.id, all},
		{f.admin, 1, everywhere + "hostname=host-a", "alpha"},
		{f.admin, 1, everywhere + "launch_index=0", "root " + all},
		{f.admin, 1, everywhere + "root_device_name=vda", "root " + all},
		{f.admin, 1, everywhere + "vm_state=stopped", "gamma"},
		{f.admin, 1, everywhere + "vm_state=stopped&status=ACTIVE", "root Beta.2 alpha"},
		{f.admin, 1, everywhere + "deleted=true", "gone"},
		{f.admin, 1, everywhere + "deleted=nonsense", "root " + all},
		{f.admin, 1, everywhere + "deleted=false&changes-since=" + past, "root " + all},
		{f.admin, 1, everywhere + "status=deleted", "gone"},
		{f.admin, 1, everywhere + "changes-since=" + past, "gone root " + all},
		{f.admin, 74, "nonsense=1", "root"},
	} {
		for _, path := range []string{"/servers?", "/servers/detail?"} {
			got := c.as.nova(t, c.v, http.MethodGet, path+c.query, nil).object(t, http.StatusOK)
			if found := strings.Join(names(t, got, "servers"), " "); found != c.want {
				t.Errorf("2.%d %s%s: %q, want %q", c.v, path, c.query, found, c.want)
			}
		}
	}
}

func TestServerFiltersRefused(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	const query = "Invalid input for query parameters "
	for _, c := range []struct {
		as      *user
		v       api.Version
		query   string
		status  int
		message string
	}{
		{cloud.demo, 38, "status=nonsense", 400, "Invalid status value"},
		{cloud.demo, 1, "status=deleted", 403, "Only administrators may list deleted instances"},
		{cloud.demo, 1, "all_tenants=1", 403, "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed."},
		{cloud.admin, 1, "all_tenants=maybe", 400, "Invalid input received: Unrecognized value 'maybe', acceptable values are: '0', '1', …"},
		{cloud.demo, 73, "locked=maybe", 400, "Invalid input received: Unrecognized value 'maybe', …"},
		{cloud.demo, 1, "name=(", 400, query + "name. Value: (. '(' is not a 'regex'"},
		{cloud.demo, 1, "name=", 400, query + "name. Value: . '' is not a 'regex'"},
		{cloud.demo, 1, "changes-since=x", 400, query + "changes-since. Value: x. 'x' is not a 'date-time'"},
		{
			cloud.demo, 66, "changes-since=2020-01-02T00:00:00Z&changes-before=2020-01-01T00:00:00Z", 400,
			"The value of changes-since must be less than or equal to changes-before.",
		},
		{cloud.demo, 1, "limit=-1", 400, query + "limit. Value: -1. '-1' does not match '^[0-9]*$'"},
		{cloud.demo, 1, "limit=x", 400, query + "limit. Value: x. 'x' does not match '^[0-9]*$'"},
		{cloud.demo, 1, "marker=x", 400, "marker [x] not found"},
		{cloud.demo, 1, "sort_key=x", 400, query + "sort_key. Value: x. 'x' is not one of […"},
		{cloud.demo, 74, "sort_key=vcpus", 200, ""},
		{cloud.demo, 75, "sort_key=vcpus", 400, query + "sort_key. Value: vcpus. 'vcpus' is not one of […"},
		{cloud.demo, 1, "sort_key=host", 403, "Only administrators can sort servers by host"},
		{cloud.demo, 1, "sort_dir=up", 400, "Invalid input received: Unknown sort direction, must be 'desc' or 'asc'"},
		{cloud.demo, 1, "sort_key=uuid&sort_dir=asc&sort_dir=asc", 400, "Invalid input received: Sort direction size exceeds sort key size"},
		{cloud.demo, 75, "nonsense=1", 400, "Additional properties are not allowed ('nonsense' was unexpected)"},
		{cloud.demo, 75, "fixed_ip=1", 400, "Additional properties are not allowed ('fixed_ip' was unexpected)"},
		{cloud.admin, 1, "metadata=x", 400, "Invalid filter field: metadata."},
		{cloud.admin, 1, "_private=x", 400, "Invalid filter field: _private."},
		{cloud.admin, nova.Newest, "pci_devices=x", 400, "Invalid filter field: pci_devices."},
	} {
		got := c.as.nova(t, c.v, http.MethodGet, "/servers?"+c.query, nil)
		if c.status == http.StatusOK {
			got.object(t, c.status)
			continue
		}
		got.refused(t, c.status, c.message)
	}
}

func TestServerOrder(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	for query, want := range map[string]string{
		"":                                   "gamma Beta.2 alpha",
		"sort_dir=asc":                       "alpha Beta.2 gamma",
		"sort_key=display_name":              "gamma alpha Beta.2",
		"sort_key=created_at":                "gamma Beta.2 alpha",
		"sort_key=vm_state":                  "gamma Beta.2 alpha",
		"sort_key=vcpus&sort_dir=asc":        "gamma Beta.2 alpha", // passed over with its direction
		"sort_key=display_name&sort_dir=asc": "Beta.2 alpha gamma",
		"sort_key=vm_state&sort_dir=asc&sort_key=display_name":                  "Beta.2 alpha gamma",
		"sort_key=vm_state&sort_key=display_name&sort_dir=asc&sort_dir=desc":    "alpha Beta.2 gamma",
		"sort_key=instance_type_id&sort_dir=desc&sort_key=uuid&sort_dir=asc":    "",
		"sort_key=locked&sort_dir=desc&sort_key=display_name&sort_dir=asc":      "gamma Beta.2 alpha",
		"sort_key=key_name&sort_dir=desc&sort_key=display_name&sort_dir=asc":    "Beta.2 alpha gamma",
		"sort_key=power_state&sort_dir=desc&sort_key=hostname&sort_dir=asc":     "",
		"sort_key=access_ip_v4&sort_dir=asc":                                    "Beta.2 alpha gamma",
		"sort_key=config_drive&sort_dir=desc&sort_key=updated_at&sort_dir=desc": "",
	} {
		got := f.demo.nova(t, 73, http.MethodGet, "/servers?"+query, nil).object(t, http.StatusOK)
		found := strings.Join(names(t, got, "servers"), " ")
		if want == "" && len(found) != len("gamma Beta.2 alpha") || want != "" && found != want {
			t.Errorf("%q: %q, want %q", query, found, want)
		}
	}
	for _, key := range []string{
		"access_ip_v4", "access_ip_v6", "auto_disk_config", "availability_zone", "config_drive", "created_at", "display_description",
		"display_name", "host", "hostname", "image_ref", "instance_type_id", "kernel_id", "key_name", "launch_index", "launched_at",
		"locked", "locked_by", "node", "power_state", "progress", "project_id", "ramdisk_id", "root_device_name", "task_state",
		"terminated_at", "updated_at", "user_id", "uuid", "vm_state",
	} {
		order := func(dir string) []string {
			body := f.admin.nova(t, nova.Newest, http.MethodGet, "/servers?all_tenants=1&sort_key="+key+"&sort_dir="+dir, nil)
			return names(t, body.object(t, http.StatusOK), "servers")
		}
		up, down := order("asc"), order("desc")
		slices.Reverse(down)
		same(t, key+" up and down", up, down)
	}
}

func TestServerPages(t *testing.T) {
	t.Parallel()
	f := newFleet(t)
	list := func(path string) object { return f.demo.nova(t, 1, http.MethodGet, path, nil).object(t, http.StatusOK) }
	next := func(body object) string {
		links, ok := body["servers_links"].([]any)
		if !ok {
			return ""
		}
		href := text(t, links[0].(object), "href")
		path, found := strings.CutPrefix(href, f.URL+"/compute/v2.1")
		if !found {
			t.Fatalf("link %s", href)
		}
		return path
	}
	var all []string
	pages := 0
	for path := "/servers?limit=2&name=a"; path != ""; pages++ {
		body := list(path)
		all = append(all, names(t, body, "servers")...)
		path = next(body)
	}
	same(t, "all pages", all, []string{"gamma", "Beta.2", "alpha"})
	same(t, "pages", pages, 2)
	for query, want := range map[string][]string{
		"limit=0":                               nil,
		"limit=1000000":                         {"gamma", "Beta.2", "alpha"},
		"marker=" + f.id["gamma"]:               {"Beta.2", "alpha"},
		"marker=" + f.id["alpha"]:               nil,
		"marker=" + f.id["gone"]:                {"gamma", "Beta.2", "alpha"}, // deleted, and newer than all
		"marker=" + f.id["root"]:                {"gamma", "Beta.2", "alpha"}, // somebody else's
		"status=ACTIVE&marker=" + f.id["gamma"]: {"Beta.2", "alpha"},          // not in the list itself
	} {
		body := list("/servers?" + query)
		same(t, query, names(t, body, "servers"), want)
		same(t, query+": next", next(body), "")
	}
	// A full page has a link, also where it is the last.
	if link := next(list("/servers/detail?limit=3")); !strings.HasPrefix(link, "/servers/detail?limit=3&marker="+f.id["alpha"]) {
		t.Errorf("link %q", link)
	}
}

// HEAD answers as GET without a body; what is no method of a path is 405, what is no path 404.
func TestMethods(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	head := cloud.demo.nova(t, 1, http.MethodHead, "/servers", nil)
	same(t, "HEAD", head.status, http.StatusOK)
	same(t, "HEAD's body", len(head.body), 0)
	cloud.demo.nova(t, 1, http.MethodPatch, "/servers", nil).refused(t, http.StatusMethodNotAllowed, "The method specified is not allowed for this resource.")
	cloud.demo.nova(t, 1, http.MethodGet, "/nothing", nil).refused(t, http.StatusNotFound, "The resource could not be found.")
	cloud.demo.nova(t, 1, http.MethodGet, "/servers/"+cloud.network, nil).refused(t, http.StatusNotFound, "Instance "+cloud.network+" could not be found.")
	cloud.demo.nova(t, 1, http.MethodGet, "/servers/not-a-uuid", nil).refused(t, http.StatusNotFound, "Instance not-a-uuid could not be found.")
	cloud.demo.nova(t, 54, http.MethodPut, "/flavors/1", nil).refused(t, http.StatusNotFound, "…")
}
