// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// ConsoleOutput is the end of the server's serial console: its last lines, or all that is kept when
// lines is negative (os-getConsoleOutput). *InstanceNotReady while it has no host.
func (m *Manager) ConsoleOutput(ctx context.Context, id string, lines int) (output string, err error) {
	inst, err := m.hosted(ctx, id)
	if err != nil {
		return "", err
	}
	host, err := m.host(inst.Host)
	if err != nil {
		return "", err
	}
	err = use(ctx, host, "ConsoleOutput", id, func(ctx context.Context, d driver.ConsoleLogger) error {
		output, err = d.ConsoleOutput(ctx, id, lines)
		return err
	})
	if errors.Is(err, driver.ErrNotFound) {
		return "", &InstanceNotReady{InstanceID: id}
	}
	return tail(output, lines), err
}

// tail is the last lines as Nova counts them: what is behind the last line feed is one, too, even where
// that is nothing.
func tail(log string, lines int) string {
	if lines < 0 {
		return log
	}
	all := strings.Split(log, "\n")
	return strings.Join(all[max(len(all)-lines, 0):], "\n")
}
