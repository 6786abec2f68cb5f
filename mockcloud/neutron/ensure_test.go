// SPDX-License-Identifier: MPL-2.0

package neutron_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/neutron"
)

// However many ask for a group at once, a project has one of that name; what others have is theirs.
func TestGroupOnce(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	theirs, err := c.Group(ctx, otherProject, "gate", "")
	if err != nil {
		t.Fatal(err)
	}
	ids := make([]string, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			id, err := c.Group(ctx, demoProject, "gate", "what it is for")
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] || id == theirs {
			t.Errorf("%s, and %s, and of another project %s", id, ids[0], theirs)
		}
	}
	_, list := c.send(t, "demo", "GET /v2.0/security-groups?name=gate", "")
	if strings.Count(list, `"stateful"`) != 1 || !strings.Contains(list, ids[0]) || !strings.Contains(list, "what it is for") {
		t.Errorf("groups: %s", list)
	}
	pool, made, err := c.Pool(ctx, demoProject, "gate", "")
	if again, twice, e := c.Pool(ctx, otherProject, "gate", ""); err != nil || e != nil || !made || twice || again != pool {
		t.Errorf("pools %s, %t, %v and %s, %t, %v", pool, made, err, again, twice, e)
	}
	for i := range 20 {
		if _, err = c.Group(ctx, demoProject, strings.Repeat("x", i+1), ""); err != nil {
			break
		}
	}
	if !neutron.OverQuota.Is(err) {
		t.Errorf("without end: %v", err)
	}
}
