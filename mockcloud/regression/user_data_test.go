// SPDX-License-Identifier: MPL-2.0

// Package regression holds a test for each bug that was found where one service meets another.
package regression

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// Nova takes user data with blanks and line breaks between the Base64, as mail programs and old clients
// write it; the config drive must be made of it all the same, or the server ends in ERROR.
func TestUserDataWithBlanks(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	image := c.image()
	id := c.create(`{"server": {"name": "s", "imageRef": "` + image + `", "flavorRef": "42", "networks": "none",
		"config_drive": true, "user_data": "IyEv YmluL3No\nCg=="}}`)
	if status := c.settled(id); status != "ACTIVE" {
		t.Errorf("the server is %s", status)
	}
}

// client is a user, in the project of its name, at the newest microversion.
type client struct {
	t          *testing.T
	url, token string
}

func newClient(t *testing.T) *client {
	t.Helper()
	return login(t, cloudtest.Start(t), "demo")
}

func login(t *testing.T, cloud *cloudtest.Cloud, user string) *client {
	t.Helper()
	c := &client{t: t, url: cloud.URL}
	header, _ := c.ask(http.MethodPost, "/identity/v3/auth/tokens", `{"auth": {
		"identity": {"methods": ["password"], "password": {"user": {"name": "`+user+`", "domain": {"id": "default"}, "password": "`+cloud.Password(user)+`"}}},
		"scope": {"project": {"name": "`+user+`", "domain": {"id": "default"}}}}}`)
	c.token = header.Get("X-Subject-Token")
	return c
}

// image makes an image of 512 zero bytes.
func (c *client) image() string {
	c.t.Helper()
	_, made := c.ask(http.MethodPost, "/image/v2/images", `{"name": "i", "disk_format": "raw", "container_format": "bare"}`)
	id, _ := made["id"].(string)
	c.ask(http.MethodPut, "/image/v2/images/"+id+"/file", strings.Repeat("\x00", 512))
	return id
}

func (c *client) create(body string) string {
	c.t.Helper()
	_, made := c.ask(http.MethodPost, "/compute/v2.1/servers", body)
	id, _ := made["server"].(map[string]any)["id"].(string)
	return id
}

// settled is the server's status once it is built.
func (c *client) settled(id string) string {
	c.t.Helper()
	for range 2000 {
		_, body := c.ask(http.MethodGet, "/compute/v2.1/servers/"+id, "")
		if status, _ := body["server"].(map[string]any)["status"].(string); status != "BUILD" {
			return status
		}
		<-time.After(time.Millisecond)
	}
	c.t.Fatalf("server %s is not built", id)
	return ""
}

// ask makes a request that has to succeed.
func (c *client) ask(method, path, body string) (http.Header, map[string]any) {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("OpenStack-API-Version", "compute latest, volume 3.44")
	request.Header.Set("Content-Type", "application/json")
	if strings.HasSuffix(path, "/file") {
		request.Header.Set("Content-Type", "application/octet-stream")
	}
	if c.token != "" {
		request.Header.Set("X-Auth-Token", c.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusMultipleChoices {
		c.t.Fatalf("%s %s: %s %s %v", method, path, response.Status, raw, err)
	}
	answer := map[string]any{}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &answer); err != nil {
			c.t.Fatal(err)
		}
	}
	return response.Header, answer
}
