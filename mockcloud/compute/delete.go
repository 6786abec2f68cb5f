// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// Delete begins to delete a server, whatever its state. A server that is being built is interrupted;
// one that has no host is gone at once. Nil when it is being deleted already.
func (m *Manager) Delete(ctx context.Context, caller Caller, id string) error { return errUnbuilt }
