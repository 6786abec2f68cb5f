// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

var _ driver.Screenshooter = (*Driver)(nil)

// Screenshot is what serveScreen shows: one colour.
func (d *Driver) Screenshot(ctx context.Context, id string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m, there := d.look(id)
	if !there {
		return nil, fmt.Errorf("%w: %s", driver.ErrNotFound, id)
	}
	shown, on := colours[m.State]
	if !on {
		return nil, fmt.Errorf("%w: the machine is off, and so is its screen", driver.ErrNoDevice)
	}
	screen := image.NewRGBA(image.Rect(0, 0, screenWidth, screenHeight))
	fill := color.RGBA{uint8(shown[0]), uint8(shown[1]), uint8(shown[2]), 0xff}
	draw.Draw(screen, screen.Bounds(), image.NewUniform(fill), image.Point{}, draw.Src)
	var out bytes.Buffer
	err := png.Encode(&out, screen)
	return out.Bytes(), err
}
