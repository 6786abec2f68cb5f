// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// RebootType is SOFT or HARD.
type RebootType string

// The types of reboot.
const (
	SoftReboot RebootType = "SOFT"
	HardReboot RebootType = "HARD"
)

// Reboot begins to restart a server.
func (m *Manager) Reboot(ctx context.Context, caller Caller, id string, kind RebootType) error {
	return errUnbuilt
}
