// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// Update is a change of a server's descriptive attributes; nil leaves one as it is.
type Update struct {
	Name        *string
	Description **string // a pointer to nil removes it
	Hostname    *string  // since 2.90
	AccessIPv4  *string  // "" removes it
	AccessIPv6  *string
	DiskConfig  *DiskConfig
}

// UpdateInstance applies the change (PUT /servers/{id}) and returns the instance after it.
func (m *Manager) UpdateInstance(ctx context.Context, caller Caller, id string, change Update) (*Instance, error) {
	return nil, errUnbuilt
}

// Lock locks a server against its users (reason since 2.73). A server that its owner locked stays
// as it is.
func (m *Manager) Lock(ctx context.Context, caller Caller, id string, reason *string) error {
	return errUnbuilt
}

// Unlock removes the lock.
func (m *Manager) Unlock(ctx context.Context, caller Caller, id string) error { return errUnbuilt }

// SetTags replaces the tags of a server.
func (m *Manager) SetTags(ctx context.Context, caller Caller, id string, tags []string) (*Instance, error) {
	return nil, errUnbuilt
}
