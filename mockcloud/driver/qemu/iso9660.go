// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
)

// isoImage makes an ISO 9660 file system (ECMA-119) with Joliet names: config drives have names such
// as openstack/2012-08-10/meta_data.json, which plain ISO 9660 has no characters for. Linux and
// Windows read the Joliet tree; the primary one has the same files under upper-case names of
// A-Z, 0-9 and _.
func isoImage(label string, files map[string][]byte, now time.Time) ([]byte, error) {
	root, err := isoTree(files)
	if err != nil {
		return nil, err
	}
	dirs := root.walk(nil)
	const firstFree = 19 // after the system area and three descriptors
	at := uint32(firstFree)
	take := func(size int) uint32 {
		from := at
		at += sectors(size)
		return from
	}
	trees := []*isoVolume{{kind: 1, name: primaryName}, {kind: 2, name: jolietName}}
	for _, v := range trees {
		v.label, v.now, v.dirs = label, now, dirs
		v.sector = map[*isoNode]uint32{}
		size := len(v.pathTable(binary.LittleEndian))
		v.tableL, v.tableM = take(size), take(size)
		for _, d := range dirs {
			v.sector[d] = take(v.dirSize(d))
		}
	}
	for _, d := range dirs {
		for _, f := range d.children {
			if !f.dir {
				trees[0].sector[f] = take(len(f.data))
				trees[1].sector[f] = trees[0].sector[f]
			}
		}
	}
	image := make([]byte, int(at)*sectorSize)
	put := func(sector uint32, b []byte) { copy(image[int(sector)*sectorSize:], b) }
	for i, v := range trees {
		put(uint32(16+i), v.descriptor(at))
		put(v.tableL, v.pathTable(binary.LittleEndian))
		put(v.tableM, v.pathTable(binary.BigEndian))
		for _, d := range dirs {
			put(v.sector[d], v.directory(d))
			for _, f := range d.children {
				if !f.dir {
					put(v.sector[f], f.data)
				}
			}
		}
	}
	put(18, []byte("\xffCD001\x01"))
	return image, nil
}

const sectorSize = 2048

func sectors(size int) uint32 { return uint32((size + sectorSize - 1) / sectorSize) }

// isoNode is a directory or a file.
type isoNode struct {
	name     string
	dir      bool
	parent   *isoNode // the root is its own
	children []*isoNode
	data     []byte
}

// isoTree turns paths into directories.
func isoTree(files map[string][]byte) (*isoNode, error) {
	root := &isoNode{dir: true}
	root.parent = root
	for p, data := range files {
		if !fs.ValidPath(p) || p == "." {
			return nil, fmt.Errorf("config drive: %q is no path of a file", p)
		}
		at := root
		if dir := path.Dir(p); dir != "." {
			for name := range strings.SplitSeq(dir, "/") {
				at = at.child(name, true)
			}
		}
		at.child(path.Base(p), false).data = data
	}
	for _, d := range root.walk(nil) {
		names := map[string]bool{}
		for _, c := range d.children {
			if len(utf16.Encode([]rune(c.name))) > 64 {
				return nil, fmt.Errorf("config drive: the name %q has more than 64 characters", c.name)
			}
			if names[c.name] {
				return nil, fmt.Errorf("config drive: %q is both a file and a directory", c.name)
			}
			names[c.name] = true
		}
	}
	return root, nil
}

// child is the child of that name and kind, made if need be.
func (n *isoNode) child(name string, dir bool) *isoNode {
	for _, c := range n.children {
		if c.name == name && c.dir == dir {
			return c
		}
	}
	c := &isoNode{name: name, dir: dir, parent: n}
	n.children = append(n.children, c)
	slices.SortFunc(n.children, func(a, b *isoNode) int { return cmp.Compare(a.name, b.name) })
	return c
}

// walk lists directories breadth first, as path tables do.
func (n *isoNode) walk(dirs []*isoNode) []*isoNode {
	dirs = append(dirs, n)
	for i := len(dirs) - 1; i < len(dirs); i++ {
		for _, c := range dirs[i].children {
			if c.dir {
				dirs = append(dirs, c)
			}
		}
	}
	return dirs
}

// jolietName is a name in UCS-2.
func jolietName(n *isoNode) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(n.name)) {
		b = binary.BigEndian.AppendUint16(b, u)
	}
	return b
}

// primaryName is unlike that of each sibling before it.
func primaryName(n *isoNode) []byte {
	name := mangled(n)
	for i, c := range n.parent.children {
		if c == n {
			break
		}
		if string(mangled(c)) == string(name) {
			stem, ext, _ := strings.Cut(string(name), ".")
			name = []byte(fmt.Sprintf("%.18s_%d.%s", stem, i, ext))
			if n.dir {
				name = bytes.TrimSuffix(name, []byte("."))
			}
		}
	}
	if !n.dir {
		name = append(name, ";1"...)
	}
	return name
}

func mangled(n *isoNode) []byte {
	legal := func(r rune) rune {
		if r = []rune(strings.ToUpper(string(r)))[0]; (r >= 'A' && r <= 'Z') || (r >= '0' && r <= '9') {
			return r
		}
		return '_'
	}
	if n.dir {
		return fmt.Appendf(nil, "%.28s", strings.Map(legal, n.name))
	}
	ext := path.Ext(n.name)
	stem := strings.TrimSuffix(n.name, ext)
	return fmt.Appendf(nil, "%.22s.%.5s", strings.Map(legal, stem), strings.Map(legal, strings.TrimPrefix(ext, ".")))
}

// isoVolume is one of the two trees.
type isoVolume struct {
	kind           byte // 1 is the primary descriptor, 2 Joliet's
	name           func(*isoNode) []byte
	label          string
	now            time.Time
	dirs           []*isoNode
	sector         map[*isoNode]uint32
	tableL, tableM uint32
}

func both32(b []byte, v uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.LittleEndian.AppendUint32(b, v), v)
}

func both16(b []byte, v uint16) []byte {
	return binary.BigEndian.AppendUint16(binary.LittleEndian.AppendUint16(b, v), v)
}

// sorted are a directory's children in the order of this tree's names.
func (v *isoVolume) sorted(d *isoNode) []*isoNode {
	return slices.SortedFunc(slices.Values(d.children), func(a, b *isoNode) int { return bytes.Compare(v.name(a), v.name(b)) })
}

// record is a directory record (ECMA-119 9.1).
func (v *isoVolume) record(n *isoNode, name []byte) []byte {
	size, flags := len(n.data), byte(0)
	if n.dir {
		size, flags = v.dirSize(n), 2
	}
	length := 33 + len(name)
	length += length % 2
	b := []byte{byte(length), 0}
	b = both32(b, v.sector[n])
	b = both32(b, uint32(size))
	t := v.now.UTC()
	b = append(b, byte(t.Year()-1900), byte(t.Month()), byte(t.Day()), byte(t.Hour()), byte(t.Minute()), byte(t.Second()), 0)
	b = append(b, flags, 0, 0)
	b = both16(b, 1)
	b = append(append(b, byte(len(name))), name...)
	return append(b, make([]byte, length-len(b))...)
}

// directory is a directory's extent: itself, its parent and its children, none across sectors.
func (v *isoVolume) directory(d *isoNode) []byte {
	b := append(v.record(d, []byte{0}), v.record(d.parent, []byte{1})...)
	for _, c := range v.sorted(d) {
		b = appendUncut(b, v.record(c, v.name(c)))
	}
	return append(b, make([]byte, int(sectors(len(b)))*sectorSize-len(b))...)
}

func appendUncut(b, record []byte) []byte {
	if left := sectorSize - len(b)%sectorSize; left < len(record) {
		b = append(b, make([]byte, left)...)
	}
	return append(b, record...)
}

// dirSize is the length of directory(d), which cannot be asked since it needs all sizes itself.
func (v *isoVolume) dirSize(d *isoNode) int {
	b := make([]byte, 2*34)
	for _, c := range v.sorted(d) {
		n := 33 + len(v.name(c))
		b = appendUncut(b, make([]byte, n+n%2))
	}
	return int(sectors(len(b))) * sectorSize
}

// pathTable lists the directories (ECMA-119 9.4).
func (v *isoVolume) pathTable(order binary.AppendByteOrder) []byte {
	number := map[*isoNode]uint16{}
	var b []byte
	for _, d := range v.tableOrder() {
		number[d] = uint16(len(number) + 1)
		name := []byte{0}
		if d != d.parent {
			name = v.name(d)
		}
		b = append(b, byte(len(name)), 0)
		b = order.AppendUint32(b, v.sector[d])
		b = order.AppendUint16(b, number[d.parent])
		b = append(b, name...)
		b = append(b, make([]byte, len(name)%2)...)
	}
	return b
}

// tableOrder is by depth, then parent, then this tree's name.
func (v *isoVolume) tableOrder() []*isoNode {
	order := v.dirs[:1:1]
	for i := 0; i < len(order); i++ {
		for _, c := range v.sorted(order[i]) {
			if c.dir {
				order = append(order, c)
			}
		}
	}
	return order
}

// descriptor is a volume descriptor (ECMA-119 8.4 and 8.5).
func (v *isoVolume) descriptor(size uint32) []byte {
	text := func(s string, n int) []byte {
		b, pad := []byte(s), []byte{' '}
		if v.kind == 2 {
			b, pad = jolietName(&isoNode{name: s}), []byte{0, ' '}
		}
		for len(b) < n {
			b = append(b, pad...)
		}
		return b[:n]
	}
	b := append([]byte{v.kind}, "CD001\x01\x00"...)
	b = append(b, text("LINUX", 32)...)
	b = append(b, text(v.label, 32)...)
	b = append(b, make([]byte, 8)...)
	b = both32(b, size)
	escapes := make([]byte, 32)
	if v.kind == 2 {
		copy(escapes, "%/E") // UCS-2, level 3
	}
	b = append(b, escapes...)
	b = both16(both16(both16(b, 1), 1), sectorSize)
	b = both32(b, uint32(len(v.pathTable(binary.LittleEndian))))
	b = binary.LittleEndian.AppendUint32(b, v.tableL)
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.BigEndian.AppendUint32(b, v.tableM)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = append(b, v.record(v.dirs[0], []byte{0})...)
	b = append(b, text("", 4*128)...) // whose volume it is
	b = append(b, text("", 3*37)...)  // and which files tell more of it
	stamp := v.now.UTC().Format("2006010215040500") + "\x00"
	never := strings.Repeat("0", 16) + "\x00"
	b = append(b, stamp+stamp+never+stamp...)
	return append(b, 1, 0)
}
