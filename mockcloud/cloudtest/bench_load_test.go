// SPDX-License-Identifier: MPL-2.0

package cloudtest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
)

// BenchmarkListServersByMany is BenchmarkListServers by eight clients at once: the time is per answer.
func BenchmarkListServersByMany(b *testing.B) {
	c := newClient(b)
	image := c.image()
	for range 100 {
		c.create(image)
	}
	const clients = 8
	var asking sync.WaitGroup
	asked := make(chan struct{})
	for range clients {
		asking.Go(func() {
			for range asked {
				c.read("/compute/v2.1/servers/detail")
			}
		})
	}
	b.ResetTimer()
	for b.Loop() {
		asked <- struct{}{}
	}
	close(asked)
	asking.Wait()
}

// BenchmarkListFlavors is GET /flavors/detail.
func BenchmarkListFlavors(b *testing.B) {
	c := newClient(b)
	for b.Loop() {
		c.read("/compute/v2.1/flavors/detail")
	}
}

// BenchmarkToken is a password token for a user who has had one before.
func BenchmarkToken(b *testing.B) {
	c := newClient(b)
	for b.Loop() {
		c.login()
	}
}

// BenchmarkTenServerLives is BenchmarkServerLife ten at once: the time is of all ten.
func BenchmarkTenServerLives(b *testing.B) {
	c := newClient(b)
	image := c.image()
	for b.Loop() {
		var lives sync.WaitGroup
		for range 10 {
			lives.Go(func() {
				id := c.create(image)
				c.wait(id, "ACTIVE")
				c.ask(http.MethodDelete, "/compute/v2.1/servers/"+id, nil, http.StatusNoContent)
				c.wait(id, "")
			})
		}
		lives.Wait()
	}
}

// BenchmarkPage is a page of 100 servers at the beginning, in the middle and near the end of very many:
// MOCKCLOUD_BENCH_SERVERS, or 2,000.
func BenchmarkPage(b *testing.B) {
	many := 2000
	if given, err := strconv.Atoi(os.Getenv("MOCKCLOUD_BENCH_SERVERS")); err == nil {
		many = given
	}
	c := newClient(b)
	image := c.image()
	made := make([]string, 0, many)
	for len(made) < many {
		made = append(made, c.create(image))
	}
	for _, depth := range []int{0, many / 2, many - 200} {
		b.Run(fmt.Sprintf("%d of %d", depth, many), func(b *testing.B) {
			path := "/compute/v2.1/servers/detail?limit=100&marker=" + made[len(made)-1-depth] // the newest comes first
			for b.Loop() {
				c.read(path)
			}
		})
	}
}

// read reads an answer and throws it away.
func (c *client) read(path string) {
	response := c.send(http.MethodGet, path, nil)
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		c.b.Errorf("%s: %s, %v", path, response.Status, err)
	}
	c.b.SetBytes(n)
}
