// SPDX-License-Identifier: MPL-2.0

package compute

import "context"

// ConsoleOutput is the end of the server's serial console: its last lines, or all that is kept when
// lines is negative (os-getConsoleOutput).
func (m *Manager) ConsoleOutput(ctx context.Context, id string, lines int) (string, error) {
	return "", errUnbuilt
}
