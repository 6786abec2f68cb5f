// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// roundsVar asks for more deaths than the few of every run.
const roundsVar = "MOCKCLOUD_CRASH_ROUNDS"

// TestCrashSim kills a cloud of simulated servers at random moments.
func TestCrashSim(t *testing.T) {
	t.Parallel()
	crash(t, "sim", 12, 40*time.Millisecond)
}

// TestCrashQEMU does the same to real ones.
func TestCrashQEMU(t *testing.T) {
	t.Parallel()
	needQEMU(t)
	if testing.Short() {
		t.Skip("real machines take seconds")
	}
	crash(t, "qemu", 3, 1500*time.Millisecond)
}

// TestCrashAtFirst kills clouds that are about to be made. The next start makes the whole of them, once.
func TestCrashAtFirst(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 2))
	for range 4 {
		s := prepareSite(t, "sim")
		for range 1 + random.IntN(3) {
			s.launch()
			<-time.After(time.Duration(random.Int64N(int64(150 * time.Millisecond))))
			s.kill()
		}
		s.start()
		for path, want := range map[string]string{
			"/image/v2/images": "mockcloud-guest", "/network/v2.0/networks": "private public", "/network/v2.0/routers": "router1",
		} {
			if got := s.names(path); got != want {
				t.Errorf("%s: %q, want %q", path, got, want)
			}
		}
		if got := s.names("/compute/v2.1/flavors"); !strings.Contains(got, "m1.tiny") {
			t.Errorf("flavors: %q", got)
		}
	}
}

// names are those of what a list has, in their order.
func (s *site) names(path string) string {
	s.t.Helper()
	_, _, body := s.send("GET", path, "")
	var answer map[string]json.RawMessage
	s.decode(body, &answer)
	var names []string
	for _, raw := range answer {
		var list []struct{ Name string }
		if json.Unmarshal(raw, &list) != nil {
			continue // a link
		}
		for _, v := range list {
			names = append(names, v.Name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// fate is what users know of a server that they once had.
type fate int

const (
	promised fate = iota // its create was answered, or it was seen
	unsure               // its delete was not answered
	doomed               // its delete was
)

// crowd are users who go on asking a cloud for random things until it is dead.
type crowd struct {
	*site
	image, network string
	actions        []string
	volumes        []string

	mu     sync.Mutex
	random *rand.Rand
	fates  map[string]fate
}

// crash kills a cloud rounds times, each within that long of busy life, and checks it after each.
func crash(t *testing.T, driver string, rounds int, life time.Duration) {
	t.Helper()
	actions := []string{`{"os-stop":null}`, `{"os-start":null}`, `{"reboot":{"type":"HARD"}}`, `{"reboot":{"type":"SOFT"}}`}
	if text := os.Getenv(roundsVar); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	} else if driver == "qemu" {
		actions = actions[:3] // a guest that does not listen has a minute for a soft reboot: for long runs
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("%d rounds, seed %d", rounds, seed)
	c := &crowd{site: newSite(t, driver), actions: actions, random: rand.New(rand.NewPCG(seed, 1)), fates: map[string]fate{}}
	c.prepare()
	for round := range rounds {
		c.disturb(c.moment(life))
		for c.pick(4) == 0 { // and once more while it recovers
			c.launch()
			<-time.After(c.moment(life * 2))
			c.kill()
		}
		c.start()
		c.check()
		if t.Failed() {
			t.Fatalf("in round %d", round+1)
		}
	}
}

func (c *crowd) pick(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.random.IntN(n)
}

func (c *crowd) moment(limit time.Duration) time.Duration { return time.Duration(c.pick(int(limit))) }

// prepare makes what servers need: an image that boots nothing, whose machines are not waited for when
// they are stopped, and a network.
func (c *crowd) prepare() {
	c.image = c.make("/image/v2/images", `{"name":"nothing","disk_format":"raw","container_format":"bare","visibility":"public",`+
		`"os_shutdown_timeout":"0"}`, "")
	if status, _, body := c.send("PUT", "/image/v2/images/"+c.image+"/file", strings.Repeat("\x00", 1<<16)); status != http.StatusNoContent {
		c.t.Fatalf("upload: %d %s", status, body)
	}
	c.network = c.make("/network/v2.0/networks", `{"network":{"name":"n"}}`, "network")
	c.make("/network/v2.0/subnets", `{"subnet":{"network_id":"`+c.network+`","cidr":"10.77.0.0/16","ip_version":4}}`, "subnet")
	c.prepareVolumes()
}

// disturb lets users at the cloud, kills it in their midst after that long, and sends them home.
func (c *crowd) disturb(after time.Duration) {
	ctx, cancel := context.WithCancel(context.Background())
	var users sync.WaitGroup
	for range 3 {
		users.Go(func() {
			for ctx.Err() == nil {
				c.ask()
			}
		})
	}
	<-time.After(after)
	c.kill()
	cancel()
	users.Wait()
}

// ask asks for a random thing.
func (c *crowd) ask() {
	id, many := c.anyone()
	switch n := c.pick(6 + 2*min(1, len(c.volumes))); {
	case many == 0 || n <= 1 && many < 6:
		c.create()
	case n >= 6:
		c.moveVolume(id)
	case n <= 4:
		action := c.actions[c.pick(len(c.actions))]
		status, _, body := c.try("POST", "/compute/v2.1/servers/"+id+"/action", action)
		if !slices.Contains([]int{0, http.StatusAccepted, http.StatusConflict, http.StatusNotFound}, status) {
			c.t.Errorf("%s: %d %s", action, status, body)
		}
	default:
		status, _, _ := c.try("DELETE", "/compute/v2.1/servers/"+id, "")
		c.learn(id, map[int]fate{0: unsure, http.StatusNoContent: doomed}[status])
	}
}

func (c *crowd) create() {
	status, _, body := c.try("POST", "/compute/v2.1/servers", fmt.Sprintf(
		`{"server":{"name":"s","flavorRef":"42",%s,"networks":[{"uuid":"%s"}]}}`, c.bootable(), c.network))
	switch status {
	case 0, http.StatusForbidden: // dead, or over quota, for what is being deleted counts
	case http.StatusAccepted:
		var made struct{ Server struct{ ID string } }
		if err := json.Unmarshal([]byte(body), &made); err != nil {
			c.t.Errorf("%v in %s", err, body)
		}
		c.learn(made.Server.ID, promised)
	default:
		c.t.Errorf("create: %d %s", status, body)
	}
}

// learn notes what is known of a server; what is known already stays known.
func (c *crowd) learn(id string, f fate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fates[id] = max(c.fates[id], f)
}

// anyone is a server that should be there, and how many there are.
func (c *crowd) anyone() (id string, many int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := slices.DeleteFunc(slices.Sorted(maps.Keys(c.fates)), func(id string) bool { return c.fates[id] != promised })
	if len(ids) == 0 {
		return "", 0
	}
	return ids[c.random.IntN(len(ids))], len(ids)
}
