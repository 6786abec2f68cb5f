// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// Start begins to power a stopped server on (os-start).
func (m *Manager) Start(ctx context.Context, caller Caller, id string) error { return errUnbuilt }
