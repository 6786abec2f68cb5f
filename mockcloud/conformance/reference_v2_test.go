// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

const v2Document = "compute-api-v2.txt"

// v2Operation is an operation of the Compute API v2. The document has lost its headings: these are of the same
// operations in Nova's later references, in the order of the document.
type v2Operation struct {
	heading, method, path string
	code                  int
	// before is what is done to the server: an action, and the status that it leads to.
	before, status string
	// differs are members of an example that no server ever had, or that today's contract has otherwise; "json:" of one
	// notation.
	differs []string
	// item: the document shows all of the metadata where the API has one item.
	item bool
}

func v2Operations() []v2Operation {
	const server, image = "/servers/$server", "/images/$image"
	return []v2Operation{
		{heading: "List API versions", method: "GET", path: "/", code: 200},
		{heading: "Show limits", method: "GET", path: "/limits", code: 200},
		{heading: "List servers", method: "GET", path: "/servers", code: 200},
		{heading: "Create server", method: "POST", path: "/servers", code: 202},
		{heading: "List servers detailed", method: "GET", path: "/servers/detail", code: 200},
		{heading: "Show server details", method: "GET", path: server, code: 200},
		{heading: "Update server", method: "PUT", path: server, code: 200, differs: []string{
			"/server/image/name", "/server/flavor/name", "xml:/server/@tenant_id", "xml:/server/@user_id", // tenantId and userId, as its other examples have them
		}},
		{heading: "Delete server", method: "DELETE", path: server, code: 204},
		{heading: "Show server metadata", method: "GET", path: server + "/metadata", code: 200},
		{heading: "Create or replace server metadata items", method: "PUT", path: server + "/metadata", code: 200},
		{heading: "Update server metadata items", method: "POST", path: server + "/metadata", code: 200},
		{heading: "Show server metadata item details", method: "GET", path: server + "/metadata/$key", code: 200, item: true},
		{heading: "Create or update server metadata item", method: "PUT", path: server + "/metadata/$key", code: 200, item: true},
		{heading: "Delete server metadata item", method: "DELETE", path: server + "/metadata/foo", code: 204},
		{heading: "List addresses", method: "GET", path: server + "/ips", code: 200},
		{heading: "List addresses by network", method: "GET", path: server + "/ips/private", code: 200, differs: []string{"json:/network"}}, // it is {label: […]}
		{heading: "Change password", method: "POST", path: server + "/action", code: 202},
		{heading: "Reboot server", method: "POST", path: server + "/action", code: 202},
		{heading: "Rebuild server", method: "POST", path: server + "/action", code: 202},
		{heading: "Resize server", method: "POST", path: server + "/action", code: 202},
		{heading: "Confirm resized server", method: "POST", path: server + "/action", code: 204, before: `{"resize": {"flavorRef": "2"}}`, status: "VERIFY_RESIZE"},
		{heading: "Revert resized server", method: "POST", path: server + "/action", code: 202, before: `{"resize": {"flavorRef": "2"}}`, status: "VERIFY_RESIZE"},
		{heading: "Create image", method: "POST", path: server + "/action", code: 202},
		{heading: "List flavors", method: "GET", path: "/flavors", code: 200},
		{heading: "List flavors with details", method: "GET", path: "/flavors/detail", code: 200},
		{heading: "Show flavor details", method: "GET", path: "/flavors/1", code: 200},
		{heading: "List images", method: "GET", path: "/images", code: 200},
		{heading: "List images with details", method: "GET", path: "/images/detail", code: 200},
		{heading: "Show image details", method: "GET", path: image, code: 200},
		{heading: "Delete image", method: "DELETE", path: image, code: 204},
		{heading: "Show image metadata", method: "GET", path: image + "/metadata", code: 200},
		{heading: "Create or replace image metadata", method: "PUT", path: image + "/metadata", code: 200},
		{heading: "Update image metadata items", method: "POST", path: image + "/metadata", code: 200},
		{heading: "Show image metadata item details", method: "GET", path: image + "/metadata/$key", code: 200, item: true},
		{heading: "Create or update image metadata item", method: "PUT", path: image + "/metadata/$key", code: 200, item: true},
		{heading: "Delete image metadata item", method: "DELETE", path: image + "/metadata/kernel_id", code: 204},
	}
}

// v2Examples are an operation's bodies: lists of JSON, and of XML.
type v2Examples struct{ requests, answers map[string][]string }

// readV2 are the examples of the operations, in their order: each names the project among its parameters, but for the
// list of versions, which is before them all. What follows XML and is JSON, answers.
func readV2(text string) []v2Examples {
	var all []v2Examples
	for section := range strings.SplitSeq(text, "\ntenant_id | URI |") {
		groups := []map[string][]string{{}}
		last := "json"
		for line := range strings.SplitSeq(section, "\n") {
			kind := map[bool]string{strings.HasPrefix(line, "{ "): "json", strings.HasPrefix(line, "<?xml"): "xml"}[true]
			if kind == "" {
				continue
			}
			if last == "xml" && kind == "json" {
				groups = append(groups, map[string][]string{})
			}
			group := groups[len(groups)-1]
			group[kind], last = append(group[kind], line), kind
		}
		switch {
		case len(groups) == 2:
			all = append(all, v2Examples{groups[0], groups[1]})
		case strings.Contains(section, "does not return a response body") || strings.Contains(section, `{ "createImage"`):
			all = append(all, v2Examples{requests: groups[0]})
		default:
			all = append(all, v2Examples{answers: groups[0]})
		}
	}
	return all
}

// walkV2 does every operation of the Compute API v2, by both of its names and in both notations, with the bodies of the
// document, and holds the answers against those of the document. It returns how many operations there are, and how many
// are as the document says.
func walkV2(t *testing.T) (all, passed int) {
	t.Helper()
	examples, operations := readV2(readReference(t, v2Document)), v2Operations()
	if len(examples) != len(operations) {
		t.Fatalf("the document has %d operations, the table %d", len(examples), len(operations))
	}
	for i, op := range operations {
		scene := newV2Scene(t)
		ok := t.Run(op.heading, func(t *testing.T) {
			for _, mount := range []string{"/v2", "/v1.1"} {
				for _, notation := range []string{"json", "xml"} {
					scene.at(t, mount, notation).take(op, examples[i])
				}
			}
			for _, listed := range op.differs {
				if !scene.justified[listed] {
					t.Errorf("%s is as the document says", listed)
				}
			}
		})
		if ok {
			passed++
		}
	}
	return len(operations), passed
}

// v2Scene is a cloud as the document thinks of one, with its network, its groups and its limits; its flavors every cloud has.
type v2Scene struct {
	*session

	image, network, mount, notation string
	justified                       map[string]bool // what differs, and does so
}

func newV2Scene(t *testing.T) *v2Scene {
	t.Helper()
	limits, err := nova.ParseRateLimits("default")
	if err != nil {
		t.Fatal(err)
	}
	cloud := cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) { o.RateLimits = limits }))
	s := &v2Scene{session: login(t, cloud.URL, cloud.Password("admin")), justified: map[string]bool{}}
	s.version = 1
	s.image = text(first(s.ask(http.MethodGet, "/image/v2/images?visibility=public", nil), "images"), "id")
	s.network = text(child(s.ask(http.MethodPost, "/network/v2.0/networks", object{"network": object{"name": "private"}}), "network"), "id")
	s.ask(http.MethodPost, "/network/v2.0/subnets", object{"subnet": object{"network_id": s.network, "ip_version": 4, "cidr": "10.77.0.0/24"}})
	s.nova(http.MethodPost, "/os-security-groups", object{"security_group": object{"name": "another-secgroup-name", "description": ""}})
	s.nova(http.MethodPut, "/os-quota-sets/"+s.project, object{"quota_set": object{"instances": -1, "cores": -1, "ram": -1}})
	return s
}

func (s *v2Scene) at(t *testing.T, mount, notation string) *v2Scene {
	at := *s
	at.session, at.mount, at.notation = s.session.at(t, 1), mount, notation
	return &at
}

// boot makes a server with some metadata.
func (s *v2Scene) boot() string {
	s.t.Helper()
	id := text(child(s.nova(http.MethodPost, "/servers", object{"server": object{
		"name": "web", "imageRef": s.image, "flavorRef": "1", "metadata": object{"foo": "Foo Value", "name": "any", "type": "any"},
		"networks": []object{{"uuid": s.network}},
	}}), "server"), "id")
	s.until(id, "ACTIVE")
	return id
}

// snapshot makes an image of a server, with the metadata of the document's.
func (s *v2Scene) snapshot(server string) string {
	s.t.Helper()
	_, header, _ := s.send(http.MethodPost, "/compute/v2.1/servers/"+server+"/action", object{"createImage": object{"name": "fakeimage7", "metadata": object{
		"architecture": "x86_64", "auto_disk_config": "True", "kernel_id": "nokernel", "ramdisk_id": "nokernel",
	}}})
	location := header.Get("Location")
	id := location[strings.LastIndexByte(location, '/')+1:]
	s.poll(func() (string, bool) {
		image := s.ask(http.MethodGet, "/image/v2/images/"+id, nil)
		return fmt.Sprintf("the image is %v", image["status"]), image["status"] == "active"
	})
	s.until(server, "ACTIVE")
	return id
}

// take does an operation with each of its examples.
func (s *v2Scene) take(op v2Operation, examples v2Examples) {
	s.t.Helper()
	requests, answers := examples.requests[s.notation], examples.answers[s.notation]
	if s.notation == "xml" && op.heading == "List API versions" {
		answers = []string{""} // the document has no example of it
	}
	for i := range max(len(requests), len(answers), 1) {
		request, answer := "", ""
		if i < len(requests) {
			request = requests[i]
		}
		if len(answers) > 0 {
			answer = answers[min(i, len(answers)-1)]
		}
		if len(requests) > 0 && request == "" {
			continue // a second answer of the last request
		}
		s.exchange(op, request, answer)
	}
}

// exchange does an operation once.
func (s *v2Scene) exchange(op v2Operation, request, want string) {
	s.t.Helper()
	server := s.boot()
	image := s.image
	if strings.Contains(op.path, "$image") || strings.HasPrefix(op.path, "/images") {
		image = s.snapshot(server)
	}
	if op.before != "" {
		s.sendRaw(http.MethodPost, "/compute/v2.1/servers/"+server+"/action", []byte(op.before))
		s.until(server, op.status)
	}
	key := ""
	if op.item {
		key, request = metadataItem(request, s.notation)
		if request == "" {
			key, _ = metadataItem(want, s.notation)
		}
		if strings.Contains(op.path, "$server") && op.method == http.MethodGet {
			key = "foo"
		}
		_, want = metadataItem(want, s.notation)
	}
	path := strings.NewReplacer("$server", server, "$image", image, "$key", key).Replace(op.path)
	if op.path == "/" { // above all versions
		path = "/compute/"
	} else {
		path = "/compute" + s.mount + "/" + s.project + path
	}
	status, kind, got := s.converse(op.method, path, s.real(request))
	if status != op.code {
		s.t.Errorf("%s %s %s: %d, want %d: %s", s.mount, op.method, path, status, op.code, got)
		return
	}
	if want != "" {
		s.check(op, kind, got, want)
	}
	if op.heading == "Create server" {
		s.until(serverID.FindStringSubmatch(string(got))[1], "ACTIVE")
	}
}

// real puts the scene's things in the place of the document's.
func (s *v2Scene) real(request string) []byte {
	s.t.Helper()
	if before, after, found := strings.Cut(request, "fake-volume-id-1"); found {
		request = before + s.volume() + after
	}
	return []byte(strings.NewReplacer(
		"70a599e0-31e7-49b7-b260-868f441e862b", s.image, "b5660a6e-4b46-4be3-9707-6b47221b454f", s.image,
		"d32019d3-bc6e-4319-9c1d-6722fc136a22", s.network, "0ef47ac7-6797-4e01-8a47-ed26ec3aaa56", s.network,
	).Replace(request))
}

// volume makes one with an image on it.
func (s *v2Scene) volume() string {
	s.t.Helper()
	path := "/volume/v3/" + s.project + "/volumes"
	id := text(child(s.ask(http.MethodPost, path, object{"volume": object{"size": 1, "imageRef": s.image}}), "volume"), "id")
	s.poll(func() (string, bool) {
		volume := child(s.ask(http.MethodGet, path+"/"+id, nil), "volume")
		return fmt.Sprintf("the volume is %v", volume["status"]), volume["status"] == "available"
	})
	return id
}

// converse makes a request in the scene's notation, and wants the answer in it.
func (s *v2Scene) converse(method, path string, body []byte) (int, string, []byte) {
	s.t.Helper()
	return s.as("application/"+s.notation, method, path, body)
}

func (s *v2Scene) check(op v2Operation, kind string, got []byte, want string) {
	s.t.Helper()
	if kind != "application/"+s.notation {
		s.t.Errorf("%s %s: answered in %q: %s", op.method, op.path, kind, got)
		return
	}
	differs := op.differing(s.notation)
	wrong := s.compare(got, []byte(want), slices.Collect(maps.Values(differs)))
	for listed, place := range differs {
		rest := slices.DeleteFunc(slices.Collect(maps.Values(differs)), func(d string) bool { return d == place })
		if len(s.compare(got, []byte(want), rest)) > len(wrong) {
			s.justified[listed] = true
		}
	}
	for _, what := range wrong {
		s.t.Errorf("%s %s, %s: %s\n got %s", s.mount, op.heading, s.notation, what, got)
	}
}

// differing are the places of a notation that differ, by how they are listed.
func (op v2Operation) differing(notation string) map[string]string {
	places := map[string]string{}
	for _, listed := range op.differs {
		if of, place, only := strings.Cut(listed, ":"); !only {
			places[listed] = listed
		} else if of == notation {
			places[listed] = place
		}
	}
	return places
}

// compare is what an answer does not have of the document's example, but for what differs.
func (s *v2Scene) compare(got, want []byte, differs []string) []string {
	s.t.Helper()
	if s.notation == "xml" {
		return lacksInXML(s.t, got, want, differs)
	}
	var has, wanted any
	if err := json.Unmarshal(got, &has); err != nil {
		s.t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal(want, &wanted); err != nil {
		s.t.Fatalf("the document: %v: %s", err, want)
	}
	return lacks(has, wanted, "", differs)
}

var (
	serverID   = regexp.MustCompile(`"?id"?[=:] ?"([0-9a-f-]{36})"`)
	itemOfJSON = regexp.MustCompile(`"(Label|architecture|name|foo)": ("[^"]*")`)
	itemOfXML  = regexp.MustCompile(`<meta key="(Label|architecture|type|foo)">([^<]*)</meta>`)
)

// metadataItem is one item of an example, as the API has it.
func metadataItem(example, notation string) (key, item string) {
	if notation == "json" {
		if found := itemOfJSON.FindStringSubmatch(example); found != nil {
			return found[1], `{"meta": {"` + found[1] + `": ` + found[2] + `}}`
		}
		return "", ""
	}
	if found := itemOfXML.FindStringSubmatch(example); found != nil {
		return found[1], `<meta xmlns="http://docs.openstack.org/compute/api/v1.1" key="` + found[1] + `">` + found[2] + `</meta>`
	}
	return "", ""
}
