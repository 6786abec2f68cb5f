// SPDX-License-Identifier: MPL-2.0

package pace_test

import (
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
)

func TestPace(t *testing.T) {
	t.Parallel()
	p, err := pace.Parse("2s, reboot=5s,volume.*=0s,volume.attach=1ms")
	if err != nil {
		t.Fatal(err)
	}
	for operation, want := range map[string]time.Duration{
		"create": 2 * time.Second, "reboot": 5 * time.Second, "volume.create": 0, "volume.attach": time.Millisecond,
		"image.save": 2 * time.Second,
	} {
		if got := p.Of(operation); got != want {
			t.Errorf("%s takes %v, want %v", operation, got, want)
		}
	}
	if none, err := pace.Parse(""); err != nil || none.Of("create") != 0 {
		t.Errorf("nothing is %v: %v", none, err)
	}
	for _, bad := range []string{"soon", "2s,=1s", "reboot=", "-1s", "reboot=fast"} {
		if p, err := pace.Parse(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, p)
		}
	}
}
