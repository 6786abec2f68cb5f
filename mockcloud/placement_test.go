// SPDX-License-Identifier: MPL-2.0

package mockcloud_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// placementClient asks Placement and Nova as an administrator.
type placementClient struct {
	*cloudtest.Cloud
	token string
}

func newPlacementClient(t *testing.T) *placementClient {
	t.Helper()
	c := &placementClient{Cloud: cloudtest.Start(t)}
	return c.as(t, "admin")
}

// as is the user of that name, in the project of that name.
func (c *placementClient) as(t *testing.T, user string) *placementClient {
	t.Helper()
	body := fmt.Sprintf(`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": %q,
		"domain": {"id": "default"}, "password": %q}}}, "scope": {"project": {"name": %q, "domain": {"id": "default"}}}}}`,
		user, c.Password(user), user)
	response, err := http.Post(c.AuthURL+"/auth/tokens", "application/json", bytes.NewBufferString(body)) //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return &placementClient{Cloud: c.Cloud, token: response.Header.Get("X-Subject-Token")}
}

// do asks at microversion 1.v and demands the status. body and answer are JSON; "" is none.
func (c *placementClient) do(t *testing.T, v api.Version, method, path, body string, status int) map[string]any {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", c.token)
	request.Header.Set("Openstack-Api-Version", fmt.Sprintf("placement 1.%d, compute 2.90", v))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer map[string]any
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil && response.ContentLength > 0 {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Fatalf("%s %s at 1.%d: %d %v, want %d", method, path, v, response.StatusCode, answer, status)
	}
	return answer
}

// settle waits until nothing is under way on any server.
func (c *placementClient) settle(t *testing.T) {
	t.Helper()
	if err := c.Compute.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// at is what is at that path of an answer.
func at(t *testing.T, in any, path ...any) any {
	t.Helper()
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, ok := in.(map[string]any)
			if !ok || object[step] == nil {
				t.Fatalf("no %q in %v", step, in)
			}
			in = object[step]
		case int:
			list, ok := in.([]any)
			if !ok || step >= len(list) {
				t.Fatalf("no item %d in %v", step, in)
			}
			in = list[step]
		}
	}
	return in
}

const rp = "/placement/resource_providers"

// What Nova has on its hosts is what Placement says, and what operators say there is what Nova heeds.
func TestPlacementServesNova(t *testing.T) {
	t.Parallel()
	c := newPlacementClient(t)
	list := c.do(t, 39, "GET", rp, "", 200)
	host := at(t, list, "resource_providers", 0, "uuid").(string)
	if name := at(t, list, "resource_providers", 0, "name"); name != "compute-1" {
		t.Fatalf("provider %v", name)
	}
	other := at(t, list, "resource_providers", 1, "uuid").(string)
	inventory := at(t, c.do(t, 0, "GET", rp+"/"+host+"/inventories", "", 200), "inventories", "VCPU")
	if total, ratio := at(t, inventory, "total"), at(t, inventory, "allocation_ratio"); total != 48.0 || ratio != 4.0 {
		t.Errorf("inventory %v", inventory)
	}

	// A trait that an operator gives a host is one that a flavor can ask for.
	c.do(t, 6, "PUT", "/placement/traits/CUSTOM_GOLD", "", 201)
	c.do(t, 6, "PUT", "/placement/traits/CUSTOM_GOLD", "", 204)
	traits := c.do(t, 6, "GET", rp+"/"+other+"/traits", "", 200)
	traits["traits"] = append(traits["traits"].([]any), "CUSTOM_GOLD")
	body, _ := json.Marshal(traits)
	c.do(t, 6, "PUT", rp+"/"+other+"/traits", string(body), 200)
	c.do(t, 6, "PUT", rp+"/"+other+"/traits", string(body), 409) // the generation has passed
	c.do(t, 0, "POST", "/compute/v2.1/flavors", `{"flavor": {"name": "gold", "id": "gold", "ram": 64, "vcpus": 2, "disk": 1}}`, 200)
	c.do(t, 0, "POST", "/compute/v2.1/flavors/gold/os-extra_specs", `{"extra_specs": {"trait:CUSTOM_GOLD": "required"}}`, 200)
	image := at(t, c.do(t, 0, "GET", "/image/v2/images", "", 200), "images", 0, "id")
	made := c.do(t, 0, "POST", "/compute/v2.1/servers", fmt.Sprintf(
		`{"server": {"name": "s", "flavorRef": "gold", "imageRef": %q, "networks": "none"}}`, image), 202)
	server := at(t, made, "server", "id").(string)
	c.settle(t)

	share := c.do(t, 39, "GET", "/placement/allocations/"+server, "", 200)
	if vcpus := at(t, share, "allocations", other, "resources", "VCPU"); vcpus != 2.0 {
		t.Errorf("allocations %v", share)
	}
	if used := at(t, c.do(t, 39, "GET", rp+"/"+other+"/usages", "", 200), "usages", "MEMORY_MB"); used != 64.0 {
		t.Errorf("used %v", used)
	}
	project := at(t, share, "project_id").(string)
	if used := at(t, c.do(t, 37, "GET", "/placement/usages?project_id="+project, "", 200), "usages", "VCPU"); used != 2.0 {
		t.Errorf("used %v", used)
	}
	at(t, c.do(t, 39, "GET", rp+"/"+other+"/allocations", "", 200), "allocations", server)
	c.do(t, 39, "DELETE", "/placement/allocations/"+server, "", 409)
	c.do(t, 39, "DELETE", rp+"/"+other, "", 409)

	// An aggregate of Nova's is one of Placement's.
	c.do(t, 0, "POST", "/compute/v2.1/os-aggregates", `{"aggregate": {"name": "a"}}`, 200)
	aggregate := c.do(t, 0, "POST", "/compute/v2.1/os-aggregates/1/action", `{"add_host": {"host": "compute-1"}}`, 200)
	id := at(t, aggregate, "aggregate", "uuid").(string)
	candidates := c.do(t, 39, "GET", "/placement/allocation_candidates?resources=VCPU:1&member_of="+id, "", 200)
	if n := len(candidates["allocation_requests"].([]any)); n != 1 {
		t.Errorf("%d candidates: %v", n, candidates)
	}
	at(t, candidates, "allocation_requests", 0, "allocations", host)
	at(t, candidates, "provider_summaries", host, "resources", "DISK_GB", "capacity")

	c.do(t, 0, "DELETE", "/compute/v2.1/servers/"+server, "", 204)
	c.settle(t)
	if share := c.do(t, 39, "GET", "/placement/allocations/"+server, "", 200); len(share["allocations"].(map[string]any)) != 0 {
		t.Errorf("allocations of a deleted server: %v", share)
	}
}

// Providers, classes and consumers of others than Nova.
func TestPlacementOfOthers(t *testing.T) {
	t.Parallel()
	c := newPlacementClient(t)
	const consumer = "5f2a1d0c-0f5e-4d3f-8a53-0b0ad1b3f001"
	created := c.do(t, 39, "POST", rp, `{"name": "licences"}`, 200)
	id := at(t, created, "uuid").(string)
	c.do(t, 39, "POST", rp, `{"name": "licences"}`, 409)
	child := at(t, c.do(t, 39, "POST", rp, fmt.Sprintf(`{"name": "child", "parent_provider_uuid": %q}`, id), 200), "root_provider_uuid")
	if child != id {
		t.Errorf("root %v", child)
	}
	c.do(t, 7, "PUT", "/placement/resource_classes/CUSTOM_SEAT", "", 201)
	c.do(t, 39, "PUT", rp+"/"+id+"/inventories", `{"resource_provider_generation": 0, "inventories": {"CUSTOM_SEAT": {"total": 3}}}`, 200)
	c.do(t, 39, "PUT", rp+"/"+id+"/inventories", `{"resource_provider_generation": 0, "inventories": {}}`, 409)
	put := func(generation string, seats, status int) {
		t.Helper()
		c.do(t, 39, "PUT", "/placement/allocations/"+consumer, fmt.Sprintf(`{"allocations": {%q: {"resources": {"CUSTOM_SEAT": %d}}},
			"project_id": "p", "user_id": "u", "consumer_type": "DESK", "consumer_generation": %s}`, id, seats, generation), status)
	}
	put("7", 1, 409)
	put("null", 4, 409)
	put("null", 2, 204)
	put("1", 3, 204)
	if used := at(t, c.do(t, 38, "GET", "/placement/usages?project_id=p", "", 200), "usages", "DESK", "CUSTOM_SEAT"); used != 3.0 {
		t.Errorf("used %v", used)
	}
	c.do(t, 39, "DELETE", rp+"/"+id, "", 409)
	c.do(t, 39, "DELETE", "/placement/resource_classes/CUSTOM_SEAT", "", 409)
	c.do(t, 39, "DELETE", "/placement/allocations/"+consumer, "", 204)
	c.do(t, 39, "DELETE", "/placement/allocations/"+consumer, "", 404)
	two := c.do(t, 39, "GET", "/placement/allocation_candidates?resources1=CUSTOM_SEAT:1&resources2=CUSTOM_SEAT:2&group_policy=none", "", 200)
	if seats := at(t, two, "allocation_requests", 0, "allocations", id, "resources", "CUSTOM_SEAT"); seats != 3.0 {
		t.Errorf("candidates %v", two)
	}
	c.do(t, 39, "GET", "/placement/allocation_candidates?resources1=VCPU:1&resources2=VCPU:1", "", 400)
	fault := c.do(t, 39, "GET", rp+"/"+consumer, "", 404)
	if at(t, fault, "errors", 0, "code") != "placement.resource_provider.not_found" || at(t, fault, "errors", 0, "status") != 404.0 {
		t.Errorf("fault %v", fault)
	}
	c.do(t, 1, "GET", "/placement/resource_classes", "", 404)
	c.do(t, 40, "GET", rp, "", 406)
}

// The shapes of the first versions.
func TestPlacementOfOldVersions(t *testing.T) {
	t.Parallel()
	c := newPlacementClient(t)
	if got := c.do(t, 19, "POST", rp, `{"name": "old"}`, 201); got != nil {
		t.Errorf("POST up to 1.19 answers %v", got)
	}
	list := c.do(t, 0, "GET", rp+"?name=old", "", 200)
	id := at(t, list, "resource_providers", 0, "uuid").(string)
	if links := at(t, list, "resource_providers", 0, "links").([]any); len(links) != 3 { // self, inventories, usages
		t.Errorf("links %v", links)
	}
	c.do(t, 0, "GET", rp+"?in_tree="+id, "", 400)
	c.do(t, 0, "GET", rp+"/"+id+"/traits", "", 404)
	c.do(t, 2, "POST", "/placement/resource_classes", `{"name": "CUSTOM_OLD"}`, 201)
	c.do(t, 6, "PUT", "/placement/resource_classes/CUSTOM_OLD", `{"name": "CUSTOM_NEW"}`, 200)
	c.do(t, 2, "GET", "/placement/resource_classes/CUSTOM_OLD", "", 404)
	c.do(t, 0, "POST", rp+"/"+id+"/inventories", `{"resource_class": "CUSTOM_NEW", "total": 2, "reserved": 2}`, 400)
	c.do(t, 26, "POST", rp+"/"+id+"/inventories", `{"resource_class": "CUSTOM_NEW", "total": 2, "reserved": 2}`, 201)
	c.do(t, 0, "PUT", rp+"/"+id+"/inventories/CUSTOM_NEW", `{"resource_provider_generation": 1, "total": 2}`, 200)

	const aggregate = "5f2a1d0c-0f5e-4d3f-8a53-0b0ad1b3f002"
	set := c.do(t, 18, "PUT", rp+"/"+id+"/aggregates", fmt.Sprintf("[%q]", aggregate), 200)
	if at(t, set, "aggregates", 0) != aggregate || set["resource_provider_generation"] != nil {
		t.Errorf("aggregates %v", set)
	}
	c.do(t, 19, "PUT", rp+"/"+id+"/aggregates", fmt.Sprintf("[%q]", aggregate), 400)
	if found := c.do(t, 24, "GET", rp+"?member_of=in:"+aggregate, "", 200); len(found["resource_providers"].([]any)) != 1 {
		t.Errorf("members %v", found)
	}

	const consumer = "5f2a1d0c-0f5e-4d3f-8a53-0b0ad1b3f003"
	c.do(t, 7, "PUT", "/placement/allocations/"+consumer,
		fmt.Sprintf(`{"allocations": [{"resource_provider": {"uuid": %q}, "resources": {"CUSTOM_NEW": 1}}]}`, id), 204)
	share := c.do(t, 11, "GET", "/placement/allocations/"+consumer, "", 200)
	if at(t, share, "allocations", id, "resources", "CUSTOM_NEW") != 1.0 || share["project_id"] != nil {
		t.Errorf("allocations %v", share)
	}
	candidates := c.do(t, 11, "GET", "/placement/allocation_candidates?resources=CUSTOM_NEW:1", "", 200)
	if at(t, candidates, "allocation_requests", 0, "allocations", 0, "resource_provider", "uuid") != id {
		t.Errorf("candidates %v", candidates)
	}
	c.do(t, 13, "POST", "/placement/allocations",
		fmt.Sprintf(`{%q: {"allocations": {}, "project_id": "p", "user_id": "u"}}`, consumer), 204)
	c.do(t, 5, "DELETE", rp+"/"+id+"/inventories", "", 204)
	c.do(t, 0, "DELETE", rp+"/"+id, "", 204)
}

// Placement is for administrators and services; a project's readers see what it uses.
func TestWhoMayAskPlacement(t *testing.T) {
	t.Parallel()
	admin := newPlacementClient(t)
	demo := admin.as(t, "demo")
	nobody := &placementClient{Cloud: admin.Cloud}
	own, err := admin.Keystone.Authenticate(t.Context(), demo.token)
	if err != nil {
		t.Fatal(err)
	}
	demo.do(t, 39, "GET", rp, "", 403)
	demo.do(t, 39, "PUT", "/placement/traits/CUSTOM_MINE", "", 403)
	demo.do(t, 39, "GET", "/placement/usages?project_id="+own.ProjectID, "", 200)
	demo.do(t, 39, "GET", "/placement/usages?project_id=another", "", 403)
	nobody.do(t, 39, "GET", rp, "", 401)
	nobody.do(t, 39, "GET", "/placement/", "", 200)
}
