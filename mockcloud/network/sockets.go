// SPDX-License-Identifier: MPL-2.0

package network

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

const (
	maxSocketPath = 107                                 // bytes: sun_path of unix(7), less its zero
	maxDir        = maxSocketPath - len("/.guest") - 16 // a socket's name is 16 hex digits and a suffix
)

// socketPaths are the machine's socket and the fabric's for a port.
func socketPaths(dir, portID string) (local, bound string) {
	sum := sha256.Sum256([]byte(portID))
	name := filepath.Join(dir, hex.EncodeToString(sum[:8]))
	return name + ".guest", name + ".fab"
}

// socketDir makes the directory for sockets, for nobody but the user.
func socketDir(dir string) (path string, temporary bool, err error) {
	if dir == "" {
		path, err = os.MkdirTemp("", "mockcloud-net-") // 0700
		return path, true, err
	}
	if path, err = filepath.Abs(dir); err != nil {
		return "", false, err
	}
	if len(path) > maxDir {
		sum := sha256.Sum256([]byte(path))
		path = filepath.Join(os.TempDir(), "mockcloud-net-"+strconv.Itoa(os.Getuid())+"-"+hex.EncodeToString(sum[:8]))
	}
	if len(path) > maxDir {
		return "", false, fmt.Errorf("%s is too long for unix sockets", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", false, err
	}
	if err := os.Mkdir(path, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", false, err
	}
	return path, false, private(path)
}

// private makes sure that path is the user's own directory, and closed to others. In a shared directory
// such as /tmp somebody else may have made it first.
func private(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is not a directory", path)
	case !owned(info):
		return fmt.Errorf("%s belongs to another user", path)
	case info.Mode().Perm() != 0o700:
		return os.Chmod(path, 0o700)
	}
	return nil
}
