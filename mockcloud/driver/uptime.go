// SPDX-License-Identifier: MPL-2.0

package driver

import (
	"fmt"
	"time"
)

// Uptime is what uptime(1) prints: the time of day, how long the host is up, its users and its load over
// one, five and fifteen minutes.
func Uptime(now time.Time, up time.Duration, users int, load [3]float64) string {
	const day = 24 * time.Hour
	days, hours, minutes := int(up/day), int(up%day/time.Hour), int(up%time.Hour/time.Minute)
	long := fmt.Sprintf("%2d:%02d", hours, minutes)
	if hours == 0 {
		long = fmt.Sprintf("%d min", minutes)
	}
	switch {
	case days == 1:
		long = "1 day, " + long
	case days > 1:
		long = fmt.Sprintf("%d days, %s", days, long)
	}
	who := "users"
	if users == 1 {
		who = "user"
	}
	return fmt.Sprintf(" %s up %s,  %d %s,  load average: %.2f, %.2f, %.2f",
		now.UTC().Format("15:04:05"), long, users, who, load[0], load[1], load[2])
}
