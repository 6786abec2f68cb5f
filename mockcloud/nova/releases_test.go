// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// releaseFacts are the releases in their order, with the newest microversion of each.
var releaseFacts = []struct {
	name string
	max  api.Version
}{
	{"kilo", 3},
	{"liberty", 12},
	{"mitaka", 25},
	{"newton", 38},
	{"ocata", 42},
	{"pike", 53},
	{"queens", 60},
	{"rocky", 65},
	{"stein", 72},
	{"train", 79},
	{"ussuri", 87},
	{"victoria", 87},
	{"wallaby", 88},
	{"xena", 90},
	{"yoga", 90},
	{"zed", 93},
	{"2023.1", 95},
	{"2023.2", 95},
	{"2024.1", 96},
	{"2024.2", 96},
	{"2025.1", 100},
	{"2025.2", 100},
	{"2026.1", 103},
}

// order is where a release is in the list.
func order(name string) int {
	for i, r := range releaseFacts {
		if r.name == name {
			return i
		}
	}
	return -1
}

// goneSince is the first release that no longer has an operation whose path is at or below one of these.
var goneSince = map[string]string{
	"/os-certificates": "pike", "/os-cloudpipe": "pike",
	"/os-fixed-ips": "rocky", "/os-floating-ip-dns": "rocky", "/os-floating-ips-bulk": "rocky", "/os-fping": "rocky",
	"/servers/{server_id}/os-virtual-interfaces": "rocky",
	"/os-cells":    "train",
	"/os-networks": "ussuri", "/os-tenant-networks": "ussuri", "/os-security-group-default-rules": "ussuri",
	"/servers/{server_id}/consoles": "ussuri",
	"/os-agents":                    "wallaby", "/servers/{id}/action": "wallaby", // resetNetwork
}

func (o *operation) goneSince(t *testing.T) string {
	t.Helper()
	for path, since := range goneSince {
		if o.Path == path || strings.HasPrefix(o.Path, path+"/") {
			return since
		}
	}
	t.Fatalf("nobody knows since when %s is gone", o.key())
	return ""
}

// rdpConsole is the one removed operation that has no 410: other types of console are still there.
const rdpConsole = "POST /servers/{id}/action os-getRDPConsole"

var variable = regexp.MustCompile(`\{\w+\}`)

// old asks Nova in a header that every release knows, and below a project, as every release takes it.
func (u *user) old(t *testing.T, version, method, path string, body any) *answer {
	t.Helper()
	if rest, current := strings.CutPrefix(path, "/v2.1/"); current && u.project != "" {
		path = "/v2.1/" + u.project + "/" + rest
	}
	return u.send(t, method, u.cloud.URL+"/compute"+path, http.Header{"X-Openstack-Nova-Api-Version": {version}}, body)
}

func TestReleases(t *testing.T) {
	t.Parallel()
	if known := nova.Releases(); len(known) != len(releaseFacts) {
		t.Errorf("%d releases, want %d", len(known), len(releaseFacts))
	}
	for i, release := range releaseFacts {
		t.Run(release.name, func(t *testing.T) {
			t.Parallel()
			cloud := start(t, cloudtest.Release(release.name))
			t.Run("documents", func(t *testing.T) { cloud.checkDocuments(t, i, release.max) })
			t.Run("microversions", func(t *testing.T) { cloud.checkMicroversions(t, i, release.max) })
			t.Run("paths", func(t *testing.T) { cloud.checkPaths(t, i) })
			t.Run("console tokens", func(t *testing.T) { cloud.checkConsoleTokens(t, i, release.max) })
		})
	}
}

// Each of the operations that today's Nova no longer has, by release: gone or not. That those work is TestWhatReleasesHad's.
func TestRemovedOperations(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	for i, release := range releaseFacts {
		t.Run(release.name, func(t *testing.T) {
			t.Parallel()
			start(t, cloudtest.Release(release.name)).checkRemoved(t, i, contract)
		})
	}
}

func (c *cloud) checkDocuments(t *testing.T, release int, newest api.Version) {
	status, updated := "SUPPORTED", "2011-01-21T11:33:21Z"
	if release >= order("2025.2") {
		status, updated = "DEPRECATED", "2025-07-04T12:00:00Z"
	}
	legacy := object{"id": "v2.0", "status": status, "version": "", "min_version": "", "updated": updated}
	current := object{
		"id": "v2.1", "status": "CURRENT", "version": fmt.Sprintf("2.%d", newest), "min_version": "2.1", "updated": "2013-07-23T11:33:21Z",
	}
	nobody := &user{cloud: c}
	all := nobody.send(t, http.MethodGet, c.URL+"/compute/", nil, nil).object(t, http.StatusOK)["versions"].([]any)
	if len(all) != 2 {
		t.Fatalf("versions: %v", all)
	}
	shows(t, all[0].(object), legacy)
	shows(t, all[1].(object), current)
	for path, want := range map[string]object{"/v2": legacy, "/v2/": legacy, "/v2.1": current, "/v2.1/": current} {
		shows(t, c.demo.send(t, http.MethodGet, c.URL+"/compute"+path, nil, nil).object(t, http.StatusOK)["version"].(object), want)
		public := http.StatusOK
		if release < order("ussuri") {
			public = http.StatusUnauthorized
		}
		same(t, path+" without a token", nobody.send(t, http.MethodGet, c.URL+"/compute"+path, nil, nil).status, public)
	}
	v11 := c.demo.send(t, http.MethodGet, c.URL+"/compute/v1.1/"+c.demo.project+"/flavors", nil, nil).status
	want := http.StatusOK
	if release > order("liberty") { // it is no version any more, so that those there are are offered
		want = http.StatusMultipleChoices
	}
	same(t, "/v1.1", v11, want)
	same(t, "/v2", c.demo.send(t, http.MethodGet, c.URL+"/compute/v2/"+c.demo.project+"/flavors", nil, nil).status, http.StatusOK)
}

// What is asked of no version is answered by those there are.
func TestVersionChoices(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.Release("kilo"))
	nobody := &user{cloud: cloud}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		got := nobody.send(t, method, cloud.URL+"/compute/servers/1?any=thing", nil, nil).object(t, http.StatusMultipleChoices)["choices"].([]any)
		if len(got) != 2 {
			t.Fatalf("choices: %v", got)
		}
		for i, want := range []struct{ id, status, path, media string }{
			{"v2.0", "SUPPORTED", "/v2", "application/vnd.openstack.compute+json;version=2"},
			{"v2.1", "CURRENT", "/v2.1", "application/vnd.openstack.compute+json;version=2.1"},
		} {
			shows(t, got[i].(object), object{
				"id": want.id, "status": want.status,
				"links":       []any{object{"rel": "self", "href": cloud.URL + "/compute" + want.path + "/servers/1"}},
				"media-types": []any{object{"base": "application/json", "type": want.media}},
			})
		}
	}
	same(t, "below a version", nobody.send(t, http.MethodGet, cloud.URL+"/compute/v2.1/any", nil, nil).status, http.StatusUnauthorized)
	same(t, "below a version", cloud.demo.send(t, http.MethodGet, cloud.URL+"/compute/v2.1/any", nil, nil).status, http.StatusNotFound)
}

// shows checks some of an object's members.
func shows(t *testing.T, got, want object) {
	t.Helper()
	for key, value := range want {
		same(t, key, got[key], value)
	}
}

func (c *cloud) checkMicroversions(t *testing.T, release int, newest api.Version) {
	spoken := fmt.Sprintf("2.%d", newest)
	for _, asked := range []string{spoken, "latest"} {
		got := c.demo.old(t, asked, http.MethodGet, "/v2.1/flavors", nil)
		same(t, asked, got.status, http.StatusOK)
		same(t, asked, got.header.Get("X-OpenStack-Nova-API-Version"), spoken)
	}
	next := fmt.Sprintf("2.%d", newest+1)
	beyond := c.demo.old(t, next, http.MethodGet, "/v2.1/flavors", nil)
	beyond.refused(t, http.StatusNotAcceptable,
		"Version "+next+" is not supported by the API. Minimum is 2.1 and maximum is "+spoken+".")
	newer := http.Header{"Openstack-Api-Version": {"compute " + spoken}}
	got := c.demo.send(t, http.MethodGet, c.URL+"/compute/v2.1/"+c.demo.project+"/flavors", newer, nil)
	same(t, "status", got.status, http.StatusOK)
	if release < order("newton") { // which was the first to know the header
		same(t, "header", got.header.Get("OpenStack-API-Version"), "")
		same(t, "version", got.header.Get("X-OpenStack-Nova-API-Version"), "2.1")
		return
	}
	same(t, "header", got.header.Get("OpenStack-API-Version"), "compute "+spoken)
}

// checkPaths asks by paths that not every release takes: without a project, and with the suffix of a type.
func (c *cloud) checkPaths(t *testing.T, release int) {
	status := func(found bool) int {
		if found {
			return http.StatusOK
		}
		return http.StatusNotFound
	}
	for _, mount := range []string{"/v2.1", "/v2"} {
		get := func(path string) *answer {
			return c.demo.send(t, http.MethodGet, c.URL+"/compute"+mount+path, nil, nil)
		}
		own := "/" + c.demo.project
		same(t, mount+" in a project", get(own+"/flavors").status, http.StatusOK)
		same(t, mount+" in none", get("/flavors").status, status(release >= order("mitaka")))
		same(t, mount+" in none", get("/flavors/"+c.flavor).status, status(release >= order("mitaka")))
		for _, suffix := range []string{".json", ".xml"} {
			got := get(own + "/flavors" + suffix)
			same(t, mount+suffix, got.status, status(release < order("pike")))
			same(t, mount+suffix, got.header.Get("Content-Type"), "application/json")
			same(t, mount+suffix, get(own+"/flavors/"+c.flavor+suffix).status, status(release < order("pike")))
		}
		same(t, mount+" of no type", get(own+"/flavors.text").status, http.StatusNotFound)
	}
	// Where the catalogue leads, and what is found there, is of use.
	for _, u := range []*user{c.demo, c.admin} {
		made := u.send(t, http.MethodGet, u.computeURL(t)+"/flavors", nil, nil).object(t, http.StatusOK)["flavors"].([]any)[0].(object)
		link := text(t, made["links"].([]any)[0].(object), "href")
		same(t, "link "+link, u.send(t, http.MethodGet, link, nil, nil).status, http.StatusOK)
		same(t, "project in "+link, strings.Contains(link, u.project), release < order("mitaka"))
	}
}

// computeURL is Nova's in the catalogue.
func (u *user) computeURL(t *testing.T) string {
	t.Helper()
	for _, item := range u.send(t, http.MethodGet, u.cloud.AuthURL+"/auth/catalog", nil, nil).object(t, http.StatusOK)["catalog"].([]any) {
		if service := item.(object); service["type"] == "compute" {
			return text(t, service["endpoints"].([]any)[0].(object), "url")
		}
	}
	t.Fatal("the catalogue has no Nova")
	return ""
}

// checkRemoved asks for all that today's Nova no longer has.
func (c *cloud) checkRemoved(t *testing.T, release int, contract *contract) {
	operations := c.Nova.Operations()
	count := 0
	for key, o := range contract.operations {
		if !o.Removed {
			continue
		}
		count++
		wanted := variable.ReplaceAllString(key, "{}")
		if !slices.ContainsFunc(operations, func(o api.Operation) bool { return variable.ReplaceAllString(o.Name(), "{}") == wanted }) {
			t.Errorf("%s is not served", key)
			continue
		}
		body := any(nil)
		switch {
		case o.Action != "":
			body = object{o.Action: nil}
		case o.Method != http.MethodGet && o.Method != http.MethodDelete:
			body = object{}
		}
		path := variable.ReplaceAllString(o.Path, "1ea4e53e-149a-4f02-9515-590c9fb2315a")
		if key == rdpConsole {
			got := c.demo.old(t, "2.1", o.Method, "/v2.1"+path, body)
			same(t, key, got.status == http.StatusBadRequest && strings.Contains(string(got.body), "could not comply"), release >= order("2024.1"))
			continue
		}
		gone := release >= order(o.goneSince(t))
		for _, version := range []string{"2.1", "latest"} {
			got := c.demo.old(t, version, o.Method, "/v2.1"+path, body)
			if (got.status == http.StatusGone) != gone {
				t.Errorf("%s at %s: %d %s, and gone is %t", key, version, got.status, got.body, gone)
			}
			if gone {
				shows(t, got.object(t, http.StatusGone)["computeFault"].(object), object{
					"code": float64(http.StatusGone), "message": "This resource is no longer available.  No forwarding address is given.",
				})
			}
		}
	}
	same(t, "removed operations", count, 54)
}

// What is in no later Nova's list of routes, not even as gone, no release after Kilo serves.
func TestNothingOlderThanItsRelease(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for key := range readContract(t).operations {
		known[variable.ReplaceAllString(key, "{}")] = true
	}
	known["GET "] = true // GET / without its slash
	older := func(release string) (older []string) {
		for _, o := range cloudtest.Start(t, cloudtest.Release(release)).Nova.Operations() {
			if name := variable.ReplaceAllString(o.Name(), "{}"); !known[name] {
				older = append(older, name)
			}
		}
		return older
	}
	if since := older("liberty"); len(since) > 0 {
		t.Errorf("Liberty serves %q", since)
	}
	if kilo, all := older("kilo"), older(""); len(kilo) == 0 || !slices.Equal(kilo, all) {
		t.Errorf("Kilo serves %q, and without a release there are %q", kilo, all)
	}
}

// Until 2.30 tokens were those of RDP's consoles, which ended with Hyper-V.
func (c *cloud) checkConsoleTokens(t *testing.T, release int, newest api.Version) {
	for _, v := range []api.Version{1, 30, 31} {
		if v > newest {
			continue
		}
		got := c.admin.old(t, fmt.Sprintf("2.%d", v), http.MethodGet, "/v2.1/os-console-auth-tokens/none", nil)
		if v <= 30 && release >= order("2024.1") {
			same(t, "status", got.status, http.StatusBadRequest)
		} else if v > 30 {
			same(t, "status", got.status, http.StatusNotFound)
		}
	}
}

// What is gone is no secret, but takes a token and a microversion that the release speaks.
func TestGoneInOrder(t *testing.T) {
	t.Parallel()
	cloud := start(t, cloudtest.Release("2023.1"))
	nobody := &user{cloud: cloud}
	same(t, "without a token", nobody.old(t, "2.1", http.MethodGet, "/v2.1/os-agents", nil).status, http.StatusUnauthorized)
	same(t, "beyond the newest", cloud.demo.old(t, "2.96", http.MethodGet, "/v2.1/os-agents", nil).status, http.StatusNotAcceptable)
	same(t, "nonsense", cloud.demo.old(t, "2.1", http.MethodPost, "/v2.1/os-agents", "{").status, http.StatusBadRequest)
	same(t, "an unknown action", cloud.demo.old(t, "2.1", http.MethodPost, "/v2.1/os-networks/1/action", object{"any": nil}).status, http.StatusBadRequest)
	same(t, "legacy", cloud.demo.old(t, "2.1", http.MethodGet, "/v2/"+cloud.demo.project+"/os-agents", nil).status, http.StatusGone)
	same(t, "what is still there", cloud.demo.old(t, "2.1", http.MethodGet, "/v2.1/os-networks", nil).status, http.StatusOK)
}

func TestNamesOfReleases(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": "", "kilo": "kilo", "2015.1": "kilo", "Train": "train", "antelope": "2023.1", "2023.1": "2023.1", "Gazpacho": "2026.1",
	} {
		release, err := nova.FindRelease(name)
		if err != nil || release.Name != want {
			t.Errorf("%q: %q, %v", name, release.Name, err)
		}
	}
	_, err := mockcloud.New(t.Context(), mockcloud.Options{Release: "juno"})
	const want = `the option Release: there is no release "juno" of Nova with microversions: it is one of kilo, liberty, mitaka, newton, `
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), ", 2025.2, 2026.1") {
		t.Errorf("%v", err)
	}
}

// Roles in a project told members from readers from 2023.1 on.
func TestReadersOfReleases(t *testing.T) {
	t.Parallel()
	for release, want := range map[string]int{"train": http.StatusOK, "zed": http.StatusOK, "2023.1": http.StatusForbidden, "": http.StatusForbidden} {
		cloud := start(t, cloudtest.Release(release))
		reader, stranger := cloud.member(t, "p", "reader"), cloud.member(t, "q", "member")
		group := object{"server_group": object{"name": "g", "policies": []string{"affinity"}}}
		made := reader.old(t, "2.1", http.MethodPost, "/v2.1/os-server-groups", group)
		same(t, release+" a reader makes", made.status, want)
		if want != http.StatusOK {
			continue
		}
		id := text(t, made.object(t, want), "server_group", "id")
		same(t, release+" another project's", stranger.old(t, "2.1", http.MethodDelete, "/v2.1/os-server-groups/"+id, nil).status, http.StatusNotFound)
		same(t, release+" administrators' alone", reader.old(t, "2.1", http.MethodGet, "/v2.1/os-hypervisors", nil).status, http.StatusForbidden)
	}
}
