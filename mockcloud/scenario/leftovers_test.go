// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// leftovers tells what is there though no scenario runs any more: records, processes, files, sockets.
func (s *site) leftovers() error {
	var errs []error
	for _, kind := range []struct{ path, list string }{
		{"/servers?all_tenants=1", "servers"}, {"/volume/v3/volumes?all_tenants=1", "volumes"}, {"/volume/v3/snapshots?all_tenants=1", "snapshots"},
		{"/network/v2.0/ports?device_owner=compute:nova", "ports"}, {"/image/v2/images", "images"},
	} {
		var answer map[string]any
		if _, err := s.exchange(context.Background(), "GET", kind.path, nil, &answer, newest); err != nil {
			errs = append(errs, err)
			continue
		}
		list, _ := answer[kind.list].([]any)
		for _, v := range list {
			if thing, _ := v.(map[string]any); thing["id"] != s.image {
				errs = append(errs, fmt.Errorf("left over of the %s: %v %v", kind.list, thing["id"], thing["name"]))
			}
		}
	}
	return errors.Join(append(errs, s.processes(), s.files())...)
}

// processes finds QEMUs, and what they start, by the directory that all our sockets and disks are in.
func (s *site) processes() error {
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return err
	}
	var errs []error
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err == nil && strings.Contains(string(line), "qemu") && strings.Contains(string(line), s.root) {
			errs = append(errs, fmt.Errorf("%s is left over: %.200s", path, strings.ReplaceAll(string(line), "\x00", " ")))
		}
	}
	return errors.Join(errs...)
}

// files finds machines, their sockets, volumes and disks that nobody owns any more.
func (s *site) files() error {
	var errs []error
	runs, err := filepath.Glob(filepath.Join(s.options.Dir, "hosts", "*", "run", "*"))
	for _, path := range runs {
		errs = append(errs, fmt.Errorf("left over: %s", path))
	}
	errs = append(errs, err)
	err = filepath.WalkDir(s.root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		in := strings.TrimPrefix(path, s.root)
		for _, place := range []string{"/machines/", "/sockets/", "/volumes/"} {
			if strings.Contains(in, place) && !entry.IsDir() {
				errs = append(errs, fmt.Errorf("left over: %s", in))
			}
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}
