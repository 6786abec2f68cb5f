// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// The screen of a simulated machine: one colour, which tells what the machine does. It speaks RFB 3.8
// (RFC 6143) as far as showing that takes.
const (
	screenWidth, screenHeight = 320, 200

	rfbVersion  = "RFB 003.008\n"
	rfbNoAuth   = 1
	rfbRaw      = 0
	rfbMaxPaste = 1 << 20
)

// pixelFormat is RFB's PIXEL_FORMAT.
type pixelFormat struct {
	BitsPerPixel, Depth, BigEndian, TrueColour uint8
	RedMax, GreenMax, BlueMax                  uint16
	RedShift, GreenShift, BlueShift            uint8
	_                                          [3]byte
}

var usualPixels = pixelFormat{
	BitsPerPixel: 32, Depth: 24, TrueColour: 1, RedMax: 255, GreenMax: 255, BlueMax: 255, RedShift: 16, GreenShift: 8,
}

// colours are those of the machine's states.
var colours = map[driver.State][3]uint32{
	driver.Running: {0x20, 0x40, 0x70}, driver.Paused: {0x70, 0x60, 0x20}, driver.Crashed: {0x80, 0x20, 0x20},
}

// viewer is a client of a screen.
type viewer struct {
	in     *bufio.Reader
	out    io.Writer
	pixels pixelFormat
}

// serveScreen shows a machine's screen to whoever has connected.
func (d *Driver) serveScreen(conn net.Conn, id string) {
	m, there := d.look(id)
	if !there {
		return
	}
	v := &viewer{in: bufio.NewReader(conn), out: conn, pixels: usualPixels}
	if v.greet(m.Name) != nil {
		return
	}
	for {
		m, there := d.look(id)
		if !there || v.answer(colours[m.State]) != nil {
			return
		}
	}
}

// greet is the handshake.
func (v *viewer) greet(name string) error {
	version := make([]byte, len(rfbVersion))
	if err := v.exchange([]byte(rfbVersion), version); err != nil {
		return err
	}
	if !bytes.HasPrefix(version, []byte("RFB ")) {
		return errors.New("not an RFB client")
	}
	if string(version) < "RFB 003.007" { // the server decides, and does not say that all is well
		if err := v.exchange([]byte{0, 0, 0, rfbNoAuth}, make([]byte, 1)); err != nil {
			return err
		}
		return v.write(v.init(name))
	}
	choice := make([]byte, 1)
	if err := v.exchange([]byte{1, rfbNoAuth}, choice); err != nil {
		return err
	}
	if choice[0] != rfbNoAuth {
		return v.refuse("there is no such security type")
	}
	if string(version) >= rfbVersion {
		if err := v.write([]byte{0, 0, 0, 0}); err != nil {
			return err
		}
	}
	if _, err := io.ReadFull(v.in, make([]byte, 1)); err != nil { // whether the screen is shared: it is
		return err
	}
	return v.write(v.init(name))
}

// refuse is the security handshake's refusal.
func (v *viewer) refuse(why string) error {
	reply := binary.BigEndian.AppendUint32([]byte{0, 0, 0, 1}, uint32(len(why)))
	return errors.Join(v.write(append(reply, why...)), errors.New(why))
}

// init is ServerInit, in one piece.
func (v *viewer) init(name string) []byte {
	var out bytes.Buffer
	for _, part := range []any{uint16(screenWidth), uint16(screenHeight), v.pixels, uint32(len(name)), []byte(name)} {
		_ = binary.Write(&out, binary.BigEndian, part) // into memory: never fails
	}
	return out.Bytes()
}

// answer reads one message and does what it asks.
func (v *viewer) answer(colour [3]uint32) error {
	kind, err := v.in.ReadByte()
	if err != nil {
		return err
	}
	switch kind {
	case 0: // SetPixelFormat
		var message struct {
			_      [3]byte
			Format pixelFormat
		}
		if err := binary.Read(v.in, binary.BigEndian, &message); err != nil {
			return err
		}
		if f := message.Format; f.TrueColour == 0 || f.BitsPerPixel != 8 && f.BitsPerPixel != 16 && f.BitsPerPixel != 32 {
			return errors.New("pixel format not supported")
		}
		v.pixels = message.Format
		return nil
	case 2: // SetEncodings: every client takes raw pixels
		var count struct {
			_ uint8
			N uint16
		}
		if err := binary.Read(v.in, binary.BigEndian, &count); err != nil {
			return err
		}
		return v.skip(4 * int64(count.N))
	case 3: // FramebufferUpdateRequest
		return v.update(colour)
	case 4: // KeyEvent
		return v.skip(7)
	case 5: // PointerEvent
		return v.skip(5)
	case 6: // ClientCutText
		var text struct {
			_      [3]byte
			Length uint32
		}
		if err := binary.Read(v.in, binary.BigEndian, &text); err != nil {
			return err
		}
		if text.Length > rfbMaxPaste {
			return errors.New("too much text")
		}
		return v.skip(int64(text.Length))
	}
	return errors.New("unknown message")
}

// update answers a request for a part of the screen. One for changes only is answered when there are any, and
// there are none while nobody looks anew.
func (v *viewer) update(colour [3]uint32) error {
	var area struct {
		Incremental         uint8
		X, Y, Width, Height uint16
	}
	if err := binary.Read(v.in, binary.BigEndian, &area); err != nil || area.Incremental != 0 {
		return err
	}
	area.X, area.Y = min(area.X, screenWidth), min(area.Y, screenHeight)
	area.Width, area.Height = min(area.Width, screenWidth-area.X), min(area.Height, screenHeight-area.Y)
	out := []byte{0, 0, 0, 1}
	for _, n := range []uint16{area.X, area.Y, area.Width, area.Height} {
		out = binary.BigEndian.AppendUint16(out, n)
	}
	out = binary.BigEndian.AppendUint32(out, rfbRaw)
	pixel := v.pixels.pixel(colour)
	return v.write(append(out, bytes.Repeat(pixel, int(area.Width)*int(area.Height))...))
}

// pixel is a colour in the client's format.
func (f pixelFormat) pixel(colour [3]uint32) []byte {
	const full = 255
	value := colour[0]*uint32(f.RedMax)/full<<f.RedShift | colour[1]*uint32(f.GreenMax)/full<<f.GreenShift |
		colour[2]*uint32(f.BlueMax)/full<<f.BlueShift
	var order interface {
		binary.ByteOrder
		binary.AppendByteOrder
	} = binary.LittleEndian
	if f.BigEndian != 0 {
		order = binary.BigEndian
	}
	switch f.BitsPerPixel {
	case 8:
		return []byte{byte(value)}
	case 16:
		return order.AppendUint16(nil, uint16(value))
	}
	return order.AppendUint32(nil, value)
}

func (v *viewer) write(data []byte) error {
	_, err := v.out.Write(data)
	return err
}

// exchange says something and reads the answer.
func (v *viewer) exchange(say, answer []byte) error {
	if err := v.write(say); err != nil {
		return err
	}
	_, err := io.ReadFull(v.in, answer)
	return err
}

func (v *viewer) skip(n int64) error {
	_, err := io.CopyN(io.Discard, v.in, n)
	return err
}
