// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/qemu/qmp"
)

// watchdogActions are what Nova's hw_watchdog_action may be, with a watchdog, and QEMU has the same words for.
var watchdogActions = map[string]bool{"none": true, "pause": true, "poweroff": true, "reset": true}

// watchdogArguments are the watchdog that the image asks for; "disabled", which is Nova's default, has none.
func watchdogArguments(s *spec) []string {
	action := s.Properties["hw_watchdog_action"]
	if !watchdogActions[action] {
		return nil
	}
	return []string{"-action", "watchdog=" + action, "-device", encode(obj{"driver": "i6300esb", "id": "watchdog0"})}
}

// barked notes what the watchdog of a guest that hangs has done.
func (h *Host) barked(m *machine, q *instance, e qmp.Event) {
	action, _ := e.Data["action"].(string)
	h.opts.Log.Warn("watchdog", "machine", m.id, "action", action)
	switch action {
	case "poweroff": // QEMU ends at once, without a SHUTDOWN
		q.shutdown = watchdogEnd
	case "pause": // STOP keeps the state
		h.notices.add(driver.Event{ID: m.id, State: driver.Paused, Reason: "watchdog paused the guest", Time: h.opts.Clock.Now()})
	}
}

// watchdogEnd stands for a reason of SHUTDOWN that QEMU lacks.
const watchdogEnd = "watchdog-poweroff"
