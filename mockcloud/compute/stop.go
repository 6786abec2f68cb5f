// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// Stop begins to power a server off (os-stop).
func (m *Manager) Stop(ctx context.Context, caller Caller, id string) error { return errUnbuilt }
