// SPDX-License-Identifier: MPL-2.0

package compute

import "testing"

func TestWatchdogOfTheFlavorWins(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ image, flavor, want string }{
		{"", "", ""}, {"pause", "", "pause"}, {"", "reset", "reset"}, {"pause", "reset", "reset"}, {"pause", "disabled", "disabled"},
	} {
		inst := &Instance{}
		if test.image != "" {
			inst.ImageProperties = map[string]string{"hw_watchdog_action": test.image}
		}
		if test.flavor != "" {
			inst.Flavor.ExtraSpecs = map[string]string{"hw:watchdog_action": test.flavor}
		}
		if got := inst.machineProperties()["hw_watchdog_action"]; got != test.want || inst.ImageProperties["hw_watchdog_action"] != test.image {
			t.Errorf("image %q, flavor %q: %q, want %q", test.image, test.flavor, got, test.want)
		}
	}
}
