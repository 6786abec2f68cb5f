// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// with is a piece of JSON: with{"flavorRef": "84"}.
type with = map[string]any

// at is the client at another microversion.
func (c *client) at(version string) *client {
	return &client{site: c.site, t: c.t, version: version, litter: c.litter}
}

// call sends a request and reads the answer into what out points to; nil is nothing. A refusal ends the test. A path
// without a service is compute's: "/servers"; others are "/image/v2/…", "/network/v2.0/…", "/volume/v3/…".
func (c *client) call(method, path string, body, out any) {
	c.t.Helper()
	if _, err := c.exchange(context.Background(), method, path, body, out, c.version); err != nil {
		c.t.Fatal(err)
	}
}

// try is call that tells the status and the refusal.
func (c *client) try(method, path string, body, out any) (status int, err error) {
	return c.exchange(context.Background(), method, path, body, out, c.version)
}

// make makes something whose answer is wrapped in kind, tells its id and deletes it with the test:
// c.make("/volume/v3/volumes", "volume", with{"size": 1}).
func (c *client) make(path, kind string, body with) (id string) {
	c.t.Helper()
	var made map[string]struct{ ID string }
	c.call("POST", path, with{kind: body}, &made)
	id = made[kind].ID
	c.later(path + "/" + id)
	return id
}

// litter is what a test has made, in its order.
type litter struct {
	mu    sync.Mutex
	paths []string
}

// later deletes a thing at the end of the test, and waits until it is gone. Servers go first, since they hold
// volumes and networks, then the newest things.
func (c *client) later(path string) {
	c.litter.mu.Lock()
	defer c.litter.mu.Unlock()
	c.litter.paths = append(c.litter.paths, path)
}

func (c *client) sweep() {
	c.litter.mu.Lock()
	paths := c.litter.paths
	c.litter.mu.Unlock()
	for _, servers := range []bool{true, false} {
		for _, path := range slices.Backward(paths) {
			if strings.HasPrefix(path, "/servers/") == servers {
				c.remove(path)
			}
		}
	}
}

// remove deletes a thing and waits until it is gone.
func (c *client) remove(path string) {
	c.t.Helper()
	var said error
	gone := c.until(patience, func() bool {
		if status, err := c.try("GET", path, nil, nil); status == http.StatusNotFound {
			return true
		} else if err != nil {
			said = err
		}
		if _, err := c.try("DELETE", path, nil, nil); err != nil {
			said = err // a snapshot may still hold it, a task be under way
		}
		return false
	})
	if !gone {
		c.t.Errorf("%s is not gone: %v", path, said)
	}
}

// eventually waits until ok says yes, and ends the test if it does not within a minute.
func (c *client) eventually(what string, ok func() bool) {
	c.t.Helper()
	if !c.until(patience, ok) {
		c.t.Fatalf("after %v still not: %s", patience, what)
	}
}

// until asks until ok says yes, at most for that long.
func (c *client) until(limit time.Duration, ok func() bool) bool {
	for end := time.Now().Add(limit); ; {
		if ok() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
		<-time.After(50 * time.Millisecond)
	}
}

// flavor is the id of a flavor by name. m1.nano has 128 MiB, m1.micro 192; both a disk of 1 GiB.
func (c *client) flavor(name string) string {
	c.t.Helper()
	return c.named("/flavors", "flavors", name)
}

// named finds something by name in a list.
func (c *client) named(path, kind, name string) string {
	c.t.Helper()
	var answer map[string]json.RawMessage
	c.call("GET", path, nil, &answer)
	var list []struct{ ID, Name string }
	if err := json.Unmarshal(answer[kind], &list); err != nil {
		c.t.Fatal(err)
	}
	for _, found := range list {
		if found.Name == name {
			return found.ID
		}
	}
	c.t.Fatalf("there is no %s in %s", name, strings.TrimPrefix(path, "/"))
	return ""
}

// subnet makes a network with a subnet, and tells the network's id.
func (c *client) subnet(name, cidr string) (network string) {
	c.t.Helper()
	network = c.make("/network/v2.0/networks", "network", with{"name": name})
	version := 4
	if strings.Contains(cidr, ":") {
		version = 6
	}
	c.make("/network/v2.0/subnets", "subnet", with{"network_id": network, "cidr": cidr, "ip_version": version})
	return network
}
