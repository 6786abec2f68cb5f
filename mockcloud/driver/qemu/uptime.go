// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.UptimeTeller = (*Host)(nil)

// HostUptime is that of this machine, by proc(5).
func (h *Host) HostUptime(ctx context.Context) (string, error) {
	var seconds float64
	var load [3]float64
	for path, into := range map[string][]any{
		"/proc/uptime": {&seconds}, "/proc/loadavg": {&load[0], &load[1], &load[2]},
	} {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", err
		}
		if _, err := fmt.Sscan(string(text), into...); err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
	}
	return driver.Uptime(h.opts.Clock.Now(), time.Duration(seconds*float64(time.Second)), 0, load), ctx.Err()
}
