// SPDX-License-Identifier: MPL-2.0

package driver

import "context"

// ConsoleLogger keeps what a machine's serial console printed.
type ConsoleLogger interface {
	// ConsoleOutput is the end of the console's log: its last lines, or all that is kept (at
	// least 100 KiB) when lines is negative.
	ConsoleOutput(ctx context.Context, id string, lines int) (string, error)
}
