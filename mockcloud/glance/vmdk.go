// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// maxDescriptor is how much of a VMDK's descriptor is read.
const maxDescriptor = 64 << 10

// isDescriptor reports whether the content is a VMDK's descriptor by itself: a text that names the files
// with the data. QEMU takes any text whose first line that is neither blank nor a comment is a version.
func isDescriptor(c content) bool {
	b, err := c.at(0, int(min(c.size, 4096)))
	if err != nil {
		return false
	}
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		return slices.Contains([]string{"version=1", "version=2", "version=3"}, strings.ReplaceAll(string(line), " ", ""))
	}
	return false
}

// readVMDK takes sparse images that hold all their data themselves.
func readVMDK(c content) (int64, error) {
	if !c.has(0, "KDMV") {
		return 0, errors.New("its data is in other files")
	}
	h, err := c.at(0, 512)
	if err != nil {
		return 0, err
	}
	capacity := binary.LittleEndian.Uint64(h[12:])
	at, length := binary.LittleEndian.Uint64(h[28:]), binary.LittleEndian.Uint64(h[36:])
	if at == 0 || at > 1<<32 || length == 0 || length*512 > maxDescriptor {
		return 0, errors.New("it has no descriptor that can be checked")
	}
	text, err := c.at(int64(at)*512, int(length)*512)
	if err != nil {
		return 0, err
	}
	if err := checkDescriptor(string(bytes.TrimRight(text, "\x00"))); err != nil {
		return 0, err
	}
	if capacity>>53 != 0 {
		return 0, errors.New("its capacity is not possible")
	}
	return int64(capacity * 512), nil
}

func checkDescriptor(text string) error {
	kind, extents := "", 0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		key, value, _ := strings.Cut(line, "=")
		switch strings.TrimSpace(key) {
		case "createType":
			kind = strings.Trim(strings.TrimSpace(value), `"`)
		case "parentFileNameHint":
			return errors.New("it has a parent")
		}
		words := strings.Fields(line)
		if len(words) >= 4 && (words[0] == "RW" || words[0] == "RDONLY" || words[0] == "NOACCESS") {
			extents++
			if words[2] != "SPARSE" {
				return errors.New("it has an extent of type " + words[2])
			}
		}
	}
	if kind != "monolithicSparse" && kind != "streamOptimized" {
		return fmt.Errorf("images of type %q reach beyond themselves", kind)
	}
	if extents != 1 {
		return fmt.Errorf("it has %d extents", extents)
	}
	return nil
}
