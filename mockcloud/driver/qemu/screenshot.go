// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"context"
	"fmt"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Screenshooter = (*Host)(nil)

// Screenshot has QEMU write a PNG (QMP screendump) and reads it.
func (h *Host) Screenshot(ctx context.Context, id string) ([]byte, error) {
	m, err := h.whole(id)
	if err != nil {
		return nil, err
	}
	q := m.instance()
	if q == nil {
		return nil, fmt.Errorf("%w: the machine is off, and so is its screen", driver.ErrNoDevice)
	}
	file, err := os.CreateTemp(m.dir, screenFiles) // 0600, which QEMU leaves so
	if err != nil {
		return nil, err
	}
	defer func() { _ = removeFile(file.Name()) }()
	if err := file.Close(); err != nil {
		return nil, err
	}
	if err := h.run(ctx, m, q, "screendump", obj{"filename": file.Name(), "format": "png"}, nil); err != nil {
		return nil, err
	}
	return os.ReadFile(file.Name())
}
