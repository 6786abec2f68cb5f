// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// setting is what a deed finds: deeds of the same one can be done to the same server.
func (d *deed) setting() string {
	key := fmt.Sprintf("%p %p", d.request, d.config)
	for _, step := range d.before {
		key += fmt.Sprintf(" %p", step)
	}
	return key
}

// Two things are done to a server at once, each with each. Both may be done one after the other, or one is refused
// for the server's state; whatever happens, nothing is left over.
func TestTwoActionsAtOnce(t *testing.T) {
	t.Parallel()
	pairs := 0
	for i := range deeds {
		for k := i; k < len(deeds); k++ {
			if deeds[i].setting() != deeds[k].setting() {
				continue
			}
			pairs++
			t.Run(deeds[i].name+" and "+deeds[k].name, func(t *testing.T) {
				t.Parallel()
				const times = 3
				for range times {
					atOnce(t, &deeds[i], &deeds[k])
				}
			})
		}
	}
	if pairs <= len(deeds) {
		t.Errorf("only %d pairs of %d deeds", pairs, len(deeds))
	}
}

func atOnce(t *testing.T, one, other *deed) {
	t.Helper()
	v := newVolumes("root", "data")
	made := newAlbum()
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Volumes, config.Images = v, made
		if one.config != nil {
			one.config(config)
		}
	})
	id := one.prepare(t, c)
	results := [2]error{}
	var wg sync.WaitGroup
	for at, d := range []*deed{one, other} {
		wg.Go(func() { results[at] = d.do(c, t, id) })
	}
	wg.Wait()
	c.settle(t)
	c.flush(t)
	refused := 0
	for _, err := range results {
		if err == nil {
			continue
		}
		refused++
		if kind := compute.KindOf(err); kind != compute.Conflict && kind != compute.NotFound && kind != compute.BadRequest {
			t.Errorf("the refusal is %v", err)
		}
	}
	if refused == len(results) {
		t.Errorf("neither is done: %v", results)
	}
	c.comeThrough(t, v, id, false)
	made.has(t)
}
