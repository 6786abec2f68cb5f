// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// layout is what an image's content is, whatever its declared format says.
type layout struct {
	format  string // as disk_format names it; "raw" where nothing is recognised
	virtual int64  // bytes that a guest sees; 0 if unknown
	table   bool   // a raw disk with a partition table
}

// is reports whether the content may be declared so.
func (l layout) is(declared string) bool {
	switch declared {
	case "ami", "ari", "aki", "raw":
		return l.format == "raw"
	case "gpt":
		return l.format == "raw" && l.table
	}
	return l.format == declared
}

// content is an image's bytes; reading beyond them is an error that refuses the image.
type content struct {
	io.ReaderAt
	size int64
}

var errTruncated = errors.New("its header is cut short")

func (c content) at(offset int64, n int) ([]byte, error) {
	b := make([]byte, n)
	if offset < 0 || offset > c.size-int64(n) {
		return nil, errTruncated
	}
	_, err := c.ReadAt(b, offset)
	return b, err
}

func (c content) has(offset int64, magic string) bool {
	b, err := c.at(offset, len(magic))
	return err == nil && string(b) == magic
}

// known are the formats that are recognised. read tells the virtual size; its error says why an image of
// the format is refused.
var known = []struct {
	format string
	match  func(content) bool
	read   func(content) (int64, error)
}{
	{"qcow2", func(c content) bool { return c.has(0, "QFI\xfb") }, readQcow2},
	{"vmdk", func(c content) bool { return c.has(0, "KDMV") || c.has(0, "COWD") || isDescriptor(c) }, readVMDK},
	{"vdi", func(c content) bool { return c.has(0x40, "\x7f\x10\xda\xbe") }, readVDI},
	{"vhdx", func(c content) bool { return c.has(0, "vhdxfile") }, readVHDX},
	{"vhd", func(c content) bool { return c.has(0, "conectix") || c.has(c.size-512, "conectix") }, readVHD},
	{"iso", func(c content) bool { return c.has(32769, "CD001") }, func(c content) (int64, error) { return c.size, nil }},
	{"ploop", func(c content) bool { return c.has(0, "WithoutFreeSpace") || c.has(0, "WithouFreSpacExt") }, readPloop},
	{"qed", func(c content) bool { return c.has(0, "QED\x00") }, refuse("the format qed is not safe")},
	{"luks", func(c content) bool { return c.has(0, "LUKS\xba\xbe") }, refuse("bare LUKS volumes are not a disk_format")},
}

func refuse(why string) func(content) (int64, error) {
	return func(content) (int64, error) { return 0, errors.New(why) }
}

// inspect recognises an image's content and refuses what reaches beyond itself or is of two minds: the
// class of CVE-2024-32498, where a host opens a file that the image names.
func inspect(r io.ReaderAt, size int64) (layout, error) {
	c := content{r, size}
	var found []string
	l := layout{format: "raw", virtual: size, table: c.has(510, "\x55\xaa")}
	for _, f := range known {
		if !f.match(c) {
			continue
		}
		virtual, err := f.read(c)
		if err != nil {
			return layout{}, fmt.Errorf("%s: %w", f.format, err)
		}
		found = append(found, f.format)
		l.format, l.virtual = f.format, virtual
	}
	if len(found) > 1 {
		return layout{}, errors.New("it is of several formats at once: " + strings.Join(found, ", "))
	}
	return l, nil
}

// The incompatible features of qcow2 that an image may have: dirty, corrupt, compression type and extended
// L2 entries. Bit 2 is the external data file; later bits mean what nobody here knows.
const (
	qcow2ExternalData = 1 << 2
	qcow2Understood   = 1<<0 | 1<<1 | 1<<3 | 1<<4
	qcow2DataFileName = 0x44415441
	maxQcow2Header    = 64 << 10
)

// readQcow2 holds the header and its extensions: docs/interop/qcow2.txt of QEMU.
func readQcow2(c content) (int64, error) {
	h, err := c.at(0, 72)
	if err != nil {
		return 0, err
	}
	version, clusterBits := binary.BigEndian.Uint32(h[4:]), binary.BigEndian.Uint32(h[20:])
	length := int64(72)
	switch {
	case version != 2 && version != 3:
		return 0, fmt.Errorf("version %d is not supported", version)
	case binary.BigEndian.Uint64(h[8:]) != 0:
		return 0, errors.New("it has a backing file")
	case clusterBits < 9 || clusterBits > 21:
		return 0, fmt.Errorf("clusters of 2^%d bytes are not supported", clusterBits)
	}
	if version == 3 {
		if h, err = c.at(0, 104); err != nil {
			return 0, err
		}
		features := binary.BigEndian.Uint64(h[72:])
		switch {
		case features&qcow2ExternalData != 0:
			return 0, errors.New("it has an external data file")
		case features&^uint64(qcow2Understood) != 0:
			return 0, fmt.Errorf("it has unknown incompatible features %#x", features)
		}
		length = int64(binary.BigEndian.Uint32(h[100:]))
		if length < 104 || length > maxQcow2Header {
			return 0, fmt.Errorf("its header has a length of %d", length)
		}
	}
	virtual := binary.BigEndian.Uint64(h[24:])
	if virtual>>62 != 0 {
		return 0, fmt.Errorf("its virtual size of %d bytes is not possible", virtual)
	}
	return int64(virtual), qcow2Extensions(c, length)
}

// qcow2Extensions refuses a data file's name, which QEMU would not need the feature bit to show.
func qcow2Extensions(c content, at int64) error {
	for at < maxQcow2Header {
		h, err := c.at(at, 8)
		if err != nil {
			return nil //nolint:nilerr // the extensions end with the file: there are no more
		}
		kind, length := binary.BigEndian.Uint32(h), int64(binary.BigEndian.Uint32(h[4:]))
		switch kind {
		case 0:
			return nil
		case qcow2DataFileName:
			return errors.New("it names an external data file")
		}
		at += 8 + (length+7)&^7
	}
	return errors.New("its header extensions do not end")
}

func readVDI(c content) (int64, error) {
	h, err := c.at(0, 0x178)
	if err != nil {
		return 0, err
	}
	if kind := binary.LittleEndian.Uint32(h[0x4c:]); kind != 1 && kind != 2 {
		return 0, errors.New("it is a differencing image")
	}
	return bounded(binary.LittleEndian.Uint64(h[0x170:]))
}

func readVHD(c content) (int64, error) {
	at := int64(0)
	if !c.has(0, "conectix") {
		at = c.size - 512
	}
	h, err := c.at(at, 512)
	if err != nil {
		return 0, err
	}
	if kind := binary.BigEndian.Uint32(h[60:]); kind != 2 && kind != 3 {
		return 0, errors.New("it is a differencing image")
	}
	return bounded(binary.BigEndian.Uint64(h[48:]))
}

func readPloop(c content) (int64, error) {
	h, err := c.at(0, 64)
	if err != nil {
		return 0, err
	}
	return bounded(binary.LittleEndian.Uint64(h[36:]) * 512)
}

func bounded(n uint64) (int64, error) {
	if n>>62 != 0 {
		return 0, fmt.Errorf("its virtual size of %d bytes is not possible", n)
	}
	return int64(n), nil
}
