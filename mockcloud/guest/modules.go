// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// guestModules is every module that the guest asks for; their dependencies come from the modules
// themselves. Debian's cloud kernel has ext4, nvme, the serial and VGA consoles and the keyboard
// built in.
var guestModules = []string{
	"virtio_pci", "virtio_mmio", "virtio_blk", "virtio_scsi", "sd_mod", "sr_mod", "ata_piix",
	"virtio_rng", "virtio_console", "virtio_net", "virtio_balloon", "8021q",
	"pvpanic_mmio", "pvpanic_pci",
	"evdev", "button",
	"isofs", "vfat", "nls_cp437", "nls_ascii",
}

// module is one kernel module: its canonical name, its file and the names of those it needs first.
type module struct {
	name  string
	path  string
	needs []string
}

// modinfo is the content of the ELF section .modinfo: NUL-terminated key=value strings.
func modinfo(r io.ReaderAt) (map[string]string, error) {
	file, err := elf.NewFile(r)
	if err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	section := file.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("read module: no section .modinfo")
	}
	data, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("read module: %w", err)
	}
	info := map[string]string{}
	for _, entry := range bytes.Split(data, []byte{0}) {
		if key, value, found := strings.Cut(string(entry), "="); found {
			info[key] = value
		}
	}
	return info, nil
}

// parseDepends splits modinfo's "depends=a,b".
func parseDepends(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name != "" {
			names = append(names, canonical(name))
		}
	}
	return names
}

// canonical is the kernel's own spelling of a module: it treats - as _.
func canonical(name string) string { return strings.ReplaceAll(name, "-", "_") }

// findModules maps each module's canonical name to its file below root.
func findModules(root string) (map[string]string, error) {
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".ko") {
			found[canonical(strings.TrimSuffix(entry.Name(), ".ko"))] = path
		}
		return err
	})
	return found, err
}

// readModule reads what a module needs from its file.
func readModule(name, path string) (module, error) {
	f, err := os.Open(path)
	if err != nil {
		return module{}, err
	}
	defer f.Close()
	info, err := modinfo(f)
	if err != nil {
		return module{}, fmt.Errorf("%s: %w", path, err)
	}
	return module{name: name, path: path, needs: parseDepends(info["depends"])}, nil
}

// loadOrder lists the wanted modules and everything they need, each after what it needs and
// otherwise in the order wanted. read is asked once per module; a circle is an error.
func loadOrder(wanted []string, read func(name string) (module, error)) ([]module, error) {
	const (
		visiting = 1
		done     = 2
	)
	var order []module
	state := map[string]int{}
	var visit func(name, from string) error
	visit = func(name, from string) error {
		switch state[name] {
		case done:
			return nil
		case visiting:
			return fmt.Errorf("modules %s and %s need each other", name, from)
		}
		state[name] = visiting
		m, err := read(name)
		if err != nil {
			return err
		}
		for _, need := range m.needs {
			if err := visit(need, name); err != nil {
				return err
			}
		}
		state[name] = done
		order = append(order, m)
		return nil
	}
	for _, name := range wanted {
		if err := visit(canonical(name), ""); err != nil {
			return nil, err
		}
	}
	return order, nil
}

// kernelModules orders guestModules out of a kernel package unpacked at root.
func kernelModules(root string) ([]module, error) {
	files, err := findModules(filepath.Join(root, "lib", "modules"))
	if err != nil {
		return nil, fmt.Errorf("look for kernel modules: %w", err)
	}
	return loadOrder(guestModules, func(name string) (module, error) {
		path, found := files[name]
		if !found {
			return module{}, fmt.Errorf("the kernel package has no module %s", name)
		}
		return readModule(name, path)
	})
}
