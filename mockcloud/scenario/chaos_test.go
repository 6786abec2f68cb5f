// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// roundsVar and seedVar ask for more rounds than the few of every run, and for those of an earlier one.
const (
	roundsVar = "MOCKCLOUD_CHAOS_ROUNDS"
	seedVar   = "MOCKCLOUD_CHAOS_SEED"
)

const (
	fewRounds  = 3
	population = 6
)

// TestChaos does random things to six guests while their QEMUs and the cloud itself are killed, and holds the
// cloud to its word after each round: every server is in a state that Nova knows and its QEMU agrees with,
// nothing is left over of what is no more, and no guest has lost what it wrote.
func TestChaos(t *testing.T) {
	t.Parallel()
	if why := unable(); why != "" {
		t.Skip(why)
	}
	rounds, seed := number(t, roundsVar, fewRounds), number(t, seedVar, int(time.Now().Unix()))
	t.Logf("%d rounds, seed %d", rounds, seed)
	w := &chaos{client: own(t, local.Options{}, true), random: rand.New(rand.NewPCG(uint64(seed), 0))}
	w.target = w.flavor("m1.micro")
	w.cidr = w.subnet("aside", "10.79.0.0/24")
	for n := range 3 {
		w.volumes = append(w.volumes, w.make("/volume/v3/volumes", "volume", with{"name": fmt.Sprint("v", n), "size": 1}))
	}
	for range population {
		w.souls = append(w.souls, &soul{server: w.create(with{"name": "soul"})})
	}
	w.settle()
	for round := range rounds {
		w.inscribe()
		w.disturb()
		w.settle()
		w.check()
		if t.Failed() {
			t.Fatalf("in round %d of the seed %d", round+1, seed)
		}
	}
	w.judge()
	t.Logf("done: %v", w.done)
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// chaos is a cloud and what is done to it.
type chaos struct {
	*client
	random  *rand.Rand
	souls   []*soul
	volumes []string
	target  string // flavor of resizes
	cidr    string // network of interfaces that come and go
	done    struct{ Accepted, Refused, QEMUsKilled, CloudsKilled, Errors int }
}

// soul is a server and what its disk must remember.
type soul struct {
	*server
	mark string // in /mark, flushed; "" before it is written and after a rebuild
}

// deed is something to do to a server: an action of the API unless it has a way of its own.
type deed struct {
	action string
	body   func(w *chaos) any
	run    func(w *chaos, s *soul) (status int, err error)
}

func plain(action string) deed { return deed{action: action} }

func deedWith(action string, body any) deed {
	return deed{action: action, body: func(*chaos) any { return body }}
}

// deeds are what one may sensibly do to a server of a status. One time in five it is something else.
func deeds() map[string][]deed {
	hard, soft := deedWith("reboot", with{"type": "HARD"}), deedWith("reboot", with{"type": "SOFT"})
	resize := deed{action: "resize", body: func(w *chaos) any { return with{"flavorRef": w.target} }}
	rebuild := deed{action: "rebuild", run: (*chaos).rebuild}
	live := deedWith("os-migrateLive", with{"host": nil, "block_migration": "auto"})
	snapshot, volume, nic := deed{run: (*chaos).snapshot}, deed{run: (*chaos).moveVolume}, deed{run: (*chaos).moveInterface}
	again, evacuate := deed{run: (*chaos).replace}, deed{run: (*chaos).evacuate}
	return map[string][]deed{
		"ACTIVE": {
			plain("os-stop"), hard, soft, plain("pause"), plain("suspend"), resize, plain("migrate"), live, live, rebuild, plain("rescue"),
			plain("shelve"), snapshot, volume, volume, nic, nic, again, evacuate,
		},
		"SHUTOFF":           {plain("os-start"), plain("os-start"), resize, plain("migrate"), rebuild, plain("rescue"), plain("shelve"), snapshot, volume, nic, evacuate},
		"PAUSED":            {plain("unpause"), plain("unpause"), plain("suspend"), hard, live, snapshot, volume},
		"SUSPENDED":         {plain("resume"), plain("resume"), plain("shelve"), snapshot, again},
		"RESCUE":            {plain("unrescue"), plain("unrescue"), plain("os-stop"), hard},
		"VERIFY_RESIZE":     {plain("confirmResize"), plain("revertResize")},
		"SHELVED":           {deedWith("unshelve", nil), plain("shelveOffload")},
		"SHELVED_OFFLOADED": {deedWith("unshelve", nil)},
		"ERROR":             {hard, hard, rebuild, again},
	}
}

// choose is a deed for a server in that status.
func (w *chaos) choose(status string) deed {
	all := deeds()
	list := all[status]
	if len(list) == 0 || w.random.IntN(5) == 0 {
		list = slices.Concat(all["ACTIVE"], all["SUSPENDED"], all["RESCUE"], all["VERIFY_RESIZE"], all["SHELVED"])
	}
	return list[w.random.IntN(len(list))]
}

// disturb does a few things, in the midst of which processes die.
func (w *chaos) disturb() {
	w.t.Helper()
	for range 2 + w.random.IntN(2*population) {
		s := w.souls[w.random.IntN(len(w.souls))]
		w.perform(s, w.choose(s.show().Status))
		switch w.random.IntN(12) {
		case 0:
			w.killQEMU()
		case 1:
			w.killCloud()
		}
		<-time.After(time.Duration(w.random.IntN(700)) * time.Millisecond)
	}
}

// perform does a deed. It may be refused, but not break anything.
func (w *chaos) perform(s *soul, d deed) {
	w.t.Helper()
	run := d.run
	if run == nil {
		run = func(w *chaos, s *soul) (int, error) {
			var body any
			if d.body != nil {
				body = d.body(w)
			}
			return w.try("POST", s.path("/action"), with{d.action: body}, nil)
		}
	}
	status, err := run(w, s)
	switch {
	case status == http.StatusBadRequest || status == http.StatusNotFound || status == http.StatusConflict || status == http.StatusForbidden:
		w.done.Refused++
	case err != nil:
		w.t.Errorf("%s: %v", d.action, err)
	default:
		w.done.Accepted++
	}
}

// killQEMU kills one of the machines' processes.
func (w *chaos) killQEMU() {
	running := w.running()
	if len(running) == 0 {
		return
	}
	ids := make([]string, 0, len(running))
	for id := range running {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	if syscall.Kill(running[ids[w.random.IntN(len(ids))]][0], syscall.SIGKILL) == nil {
		w.done.QEMUsKilled++
	}
}

// killCloud ends the cloud as a power cut would, and starts it again.
func (w *chaos) killCloud() {
	w.t.Helper()
	w.done.CloudsKilled++
	_ = w.stop()
	if w.random.IntN(3) == 0 { // machines may die meanwhile
		w.killQEMU()
	}
	if err := w.open(); err != nil {
		w.t.Fatal(err)
	}
}

// settle waits until nothing is under way.
func (w *chaos) settle() {
	w.t.Helper()
	var busy string
	if !w.until(3*time.Minute, func() bool {
		busy = ""
		for _, s := range w.souls {
			if v := s.show(); v.Task != nil || v.Status == "BUILD" {
				busy = fmt.Sprintf("%s is %s, task %v", v.ID, v.Status, taskOf(v))
				return false
			}
		}
		return true
	}) {
		w.t.Fatal("something is under way for ever: " + busy)
	}
}
