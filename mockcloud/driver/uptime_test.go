// SPDX-License-Identifier: MPL-2.0

package driver_test

import (
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

func TestUptime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 8, 32, 11, 0, time.UTC)
	const day = 24 * time.Hour
	for up, want := range map[time.Duration]string{
		5 * time.Minute:                 " 08:32:11 up 5 min,  1 user,  load average: 0.20, 0.12, 0.14",
		day + 2*time.Hour + 90*1e9:      " 08:32:11 up 1 day,  2:01,  1 user,  load average: 0.20, 0.12, 0.14",
		93*day + 18*time.Hour + 25*6e10: " 08:32:11 up 93 days, 18:25,  1 user,  load average: 0.20, 0.12, 0.14",
	} {
		if got := driver.Uptime(now, up, 1, [3]float64{0.2, 0.12, 0.14}); got != want {
			t.Errorf("Uptime(%v) = %q, want %q", up, got, want)
		}
	}
}
