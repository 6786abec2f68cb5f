// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"errors"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// Screenshot is what a server's screen shows, as a PNG file. Errors: Conflict of a server that is off or has no host
// yet, NotImplemented of a host whose machines have no screen.
func (m *Manager) Screenshot(ctx context.Context, id string) (png []byte, err error) {
	inst, err := m.hosted(ctx, id)
	if err != nil {
		return nil, err
	}
	host, err := m.host(inst.Host)
	if err != nil {
		return nil, err
	}
	err = use(ctx, host, "Screenshot", id, func(ctx context.Context, d driver.Screenshooter) error {
		png, err = d.Screenshot(ctx, id)
		return err
	})
	switch {
	case errors.Is(err, driver.ErrNoDevice):
		return nil, refuse(Conflict, "Server %s is off: its screen shows nothing.", id)
	case errors.Is(err, driver.ErrNotFound):
		return nil, &InstanceNotReady{InstanceID: id}
	}
	return png, err
}
