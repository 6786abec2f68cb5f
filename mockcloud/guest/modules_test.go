// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// moduleFile is an ELF object with nothing but a section .modinfo, as `readelf -p .modinfo` shows
// it of a real module.
func moduleFile(t *testing.T, modinfo string) []byte {
	t.Helper()
	const names = "\x00.modinfo\x00.shstrtab\x00"
	header := elf.Header64{
		Type: uint16(elf.ET_REL), Machine: uint16(elf.EM_X86_64), Version: 1,
		Ehsize: 64, Shentsize: 64, Shnum: 3, Shstrndx: 2,
	}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	header.Shoff = 64 + uint64(len(modinfo)) + uint64(len(names))
	sections := []elf.Section64{
		{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: 64, Size: uint64(len(modinfo)), Addralign: 1},
		{Name: 10, Type: uint32(elf.SHT_STRTAB), Off: 64 + uint64(len(modinfo)), Size: uint64(len(names)), Addralign: 1},
	}
	var buf bytes.Buffer
	for _, part := range []any{header, []byte(modinfo), []byte(names), sections} {
		if err := binary.Write(&buf, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return buf.Bytes()
}

func TestModulesComeAfterWhatTheyNeed(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dir := filepath.Join(root, "lib", "modules", "6.1", "kernel")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range guestModules {
		needs := ""
		switch name {
		case "virtio_pci":
			needs = "virtio-ring,virtio"
		case "virtio_blk":
			needs = "virtio"
		}
		content := moduleFile(t, "license=GPL\x00depends="+needs+"\x00name="+name+"\x00")
		// Files are spelled with a dash here and there, the kernel's names are not.
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "_rng", "-rng")+".ko"), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := kernelModules(root); err == nil || !strings.Contains(err.Error(), "virtio_ring") {
		t.Fatalf("a dependency that is not there: %v", err)
	}
	for name, needs := range map[string]string{"virtio": "", "virtio_ring": "virtio"} {
		if err := os.WriteFile(filepath.Join(dir, name+".ko"), moduleFile(t, "depends="+needs+"\x00"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	modules, err := kernelModules(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range modules {
		got = append(got, m.name)
	}
	want := append([]string{"virtio", "virtio_ring"}, guestModules...)
	if !reflect.DeepEqual(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

func TestLoadOrderRefusesCircles(t *testing.T) {
	t.Parallel()
	needs := map[string][]string{"a": {"b"}, "b": {"c"}, "c": {"a"}}
	_, err := loadOrder([]string{"a"}, func(name string) (module, error) {
		return module{name: name, needs: needs[name]}, nil
	})
	if err == nil || !strings.Contains(err.Error(), "need each other") {
		t.Errorf("circle: %v", err)
	}
}

func TestModinfoOfNoModule(t *testing.T) {
	t.Parallel()
	if _, err := modinfo(strings.NewReader("#!/bin/sh")); err == nil {
		t.Error("a script passed for a module")
	}
}

func TestParseDepends(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{"": nil, "a": {"a"}, "virtio-rng,b": {"virtio_rng", "b"}} {
		if got := parseDepends(list); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %v", list, got)
		}
	}
}
