// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// UpdateMetadata sets items of a server's metadata; with replace, those not named are removed. It
// returns the metadata after it.
func (m *Manager) UpdateMetadata(ctx context.Context, caller Caller, id string, items map[string]string,
	replace bool) (map[string]string, error) {
	return nil, errUnbuilt
}

// DeleteMetadata removes one item. NotFound when there is none with that key.
func (m *Manager) DeleteMetadata(ctx context.Context, caller Caller, id, key string) error {
	return errUnbuilt
}
