// SPDX-License-Identifier: MPL-2.0

package cloudtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// BenchmarkServerLife is a server from POST through ACTIVE until DELETE has done its work, over HTTP, on a
// simulated host.
func BenchmarkServerLife(b *testing.B) {
	c := newClient(b)
	image := c.image()
	for b.Loop() {
		id := c.create(image)
		c.wait(id, "ACTIVE")
		c.ask(http.MethodDelete, "/compute/v2.1/servers/"+id, nil, http.StatusNoContent)
		c.wait(id, "")
	}
}

// BenchmarkListServers is GET /servers/detail with 100 servers, by an administrator.
func BenchmarkListServers(b *testing.B) {
	c := newClient(b)
	image := c.image()
	for range 100 {
		c.create(image)
	}
	body := c.ask(http.MethodGet, "/compute/v2.1/servers/detail", nil, http.StatusOK)
	if n := len(body["servers"].([]any)); n != 100 {
		b.Fatalf("%d servers", n)
	}
	b.ResetTimer()
	for b.Loop() {
		c.read("/compute/v2.1/servers/detail")
	}
}

type object = map[string]any

// client is an administrator at the newest microversion.
type client struct {
	b                    *testing.B
	http                 *http.Client
	url, password, token string
}

func newClient(b *testing.B) *client {
	b.Helper()
	cloud := cloudtest.Start(b, cloudtest.With(func(o *mockcloud.Options) {
		o.Quotas = map[compute.Resource]int{
			compute.QuotaInstances: compute.Unlimited, compute.QuotaCores: compute.Unlimited, compute.QuotaRAM: compute.Unlimited,
		}
	}))
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 100
	c := &client{b: b, http: &http.Client{Transport: transport}, url: cloud.URL, password: cloud.Password("admin")}
	b.Cleanup(transport.CloseIdleConnections)
	c.token = c.login()
	return c
}

// login gets a token.
func (c *client) login() string {
	domain := object{"id": "default"}
	response := c.send(http.MethodPost, "/identity/v3/auth/tokens", object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{
			"user": object{"name": "admin", "domain": domain, "password": c.password},
		}},
		"scope": object{"project": object{"name": "admin", "domain": domain}},
	}})
	defer response.Body.Close()
	_, _ = io.Copy(io.Discard, response.Body)
	return response.Header.Get("X-Subject-Token")
}

func (c *client) image() string {
	made := c.ask(http.MethodPost, "/image/v2/images", object{"name": "i", "disk_format": "raw", "container_format": "bare"}, http.StatusCreated)
	id := made["id"].(string)
	request, err := http.NewRequestWithContext(c.b.Context(), http.MethodPut, c.url+"/image/v2/images/"+id+"/file", bytes.NewReader(make([]byte, 512)))
	if err != nil {
		c.b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/octet-stream")
	request.Header.Set("X-Auth-Token", c.token)
	response, err := c.http.Do(request)
	if err != nil {
		c.b.Fatal(err)
	}
	defer response.Body.Close()
	return id
}

func (c *client) create(image string) string {
	body := c.ask(http.MethodPost, "/compute/v2.1/servers", object{"server": object{
		"name": "bench", "imageRef": image, "flavorRef": "42", "networks": "none",
	}}, http.StatusAccepted)
	return body["server"].(object)["id"].(string)
}

// wait polls until the server has the status; "" is until it is gone.
func (c *client) wait(id, status string) {
	for range 10000 {
		response := c.send(http.MethodGet, "/compute/v2.1/servers/"+id, nil)
		var body struct{ Server struct{ Status string } }
		err := json.NewDecoder(response.Body).Decode(&body)
		_ = response.Body.Close()
		if err != nil {
			c.b.Fatal(err)
		}
		if body.Server.Status == status {
			return
		}
		<-time.After(100 * time.Microsecond)
	}
	c.b.Fatalf("server %s is not %q", id, status)
}

func (c *client) ask(method, path string, body object, status int) object {
	c.b.Helper()
	response := c.send(method, path, body)
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		c.b.Fatal(err)
	}
	if response.StatusCode != status {
		c.b.Fatalf("%s %s: %s: %s", method, path, response.Status, raw)
	}
	if len(raw) == 0 {
		return nil
	}
	var answer object
	if err := json.Unmarshal(raw, &answer); err != nil {
		c.b.Fatal(err)
	}
	return answer
}

func (c *client) send(method, path string, body object) *http.Response {
	c.b.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		c.b.Fatal(err)
	}
	request, err := http.NewRequestWithContext(c.b.Context(), method, c.url+path, bytes.NewReader(raw))
	if err != nil {
		c.b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("OpenStack-API-Version", "compute latest")
	if c.token != "" {
		request.Header.Set("X-Auth-Token", c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		c.b.Fatal(err)
	}
	return response
}
