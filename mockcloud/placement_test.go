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

func newPlacementClient(t *testing.T, options ...cloudtest.Option) *placementClient {
	t.Helper()
	c := &placementClient{Cloud: cloudtest.Start(t, options...)}
	body := fmt.Sprintf(`{"auth": {"identity": {"methods": ["password"], "password": {"user": {"name": "admin",
		"domain": {"id": "default"}, "password": %q}}}, "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}`, c.Password("admin"))
	response, err := http.Post(c.AuthURL+"/auth/tokens", "application/json", bytes.NewBufferString(body)) //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	c.token = response.Header.Get("X-Subject-Token")
	return c
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
