// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
)

// publicKey is an Ed25519 key that nobody has the other half of.
const publicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGEKlOzFeNXGP1HhFV3vl5i9CQ+16H8/kr4kNR6PdV+G nobody"

// roomy is a cloud that lets as many things be as walks make, keeps deleted servers for a while and shelved ones on
// their hosts, and migrates so slowly that it can be told to hurry or to stop. It has many hosts: one that was evacuated
// does not come back.
func roomy(t *testing.T) cloudtest.Option {
	t.Helper()
	return cloudtest.With(func(o *mockcloud.Options) {
		o.ReclaimInterval, o.ShelvedOffloadTime = time.Hour, -1
		o.Pace = pace.Pace{By: map[string]time.Duration{"os-migrateLive": 400 * time.Millisecond}}
		o.Quotas = map[compute.Resource]int{
			compute.QuotaInstances: compute.Unlimited, compute.QuotaCores: compute.Unlimited, compute.QuotaRAM: compute.Unlimited,
			compute.QuotaServerGroups: compute.Unlimited, compute.QuotaKeyPairs: compute.Unlimited,
		}
		for n := range 40 {
			driver, err := sim.New(sim.Options{Clock: clock.Wall()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = driver.Close() })
			o.Hosts = append(o.Hosts, compute.HostSpec{Name: fmt.Sprintf("compute-%d", n+1), Driver: driver})
		}
	})
}

// brief has tokens expire soon.
func brief(o *mockcloud.Options) { o.TokenLife = 100 * time.Millisecond }

// servedBy are the shapes of the operations that a cloud serves.
func servedBy(cloud *cloudtest.Cloud) map[string]bool {
	served := map[string]bool{}
	for _, o := range cloud.Nova.Operations() {
		served[shape(o.Method, o.Path, o.Action)] = true
	}
	return served
}

// Each microversion has its own shapes, so every operation is done at each microversion at which something about it
// begins, most at all of them, and the contract proxy looks at each exchange.
func TestContract(t *testing.T) {
	t.Parallel()
	contract := readContract(t)
	cloud := cloudtest.Start(t, roomy(t), cloudtest.With(func(o *mockcloud.Options) { o.BareMetalChanges = true }))
	proxy := startProxy(t, cloud.URL)
	admin := login(t, proxy.URL, cloud.Password("admin"))
	vars := environment(t, admin)
	served := servedBy(cloud)
	for _, walk := range walks() {
		t.Run(walk.name, func(t *testing.T) { // not in parallel: one cloud, whose hosts some walks put out of service
			if walk.needs != "" && !served[contract.operation(t, walk.needs).shape()] {
				t.Fatalf("%s is not served", walk.needs)
			}
			failed := 0
			for _, n := range walk.at(t, contract) {
				if failed == 3 {
					t.Fatal("and so on, as likely as not")
				}
				ok := t.Run(fmt.Sprintf("2.%d", n), func(t *testing.T) {
					w := &walker{session: admin.at(t, n), contract: contract, served: served, vars: maps.Clone(vars), told: true}
					w.vars["n"] = fmt.Sprint(n)
					for _, step := range walk.steps {
						w.take(step)
					}
				})
				if !ok {
					failed++
				}
			}
		})
	}
	found := proxy.stop(t)
	if found.Exchanges == 0 {
		t.Error("the proxy saw no exchange")
	}
	judge(t, found, contract)
}

// Every operation of Nova, today's or not, is in a walk.
func TestWalksAreComplete(t *testing.T) {
	t.Parallel()
	walked := map[string]bool{}
	contract := readContract(t)
	for _, walk := range walks() {
		for _, step := range walk.steps {
			if !step.elsewhere() {
				walked[contract.operation(t, step.op).key()] = true
			}
		}
	}
	for _, o := range contract.Operations {
		if !walked[o.key()] {
			t.Errorf("no walk does %s", o.key())
		}
	}
	t.Logf("%d operations are walked", len(slices.Collect(maps.Keys(walked))))
}
