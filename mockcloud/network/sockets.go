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
	"strings"
)

const (
	maxSocketPath = 107 // bytes: sun_path of unix(7), less its zero
	maxDir        = maxSocketPath - len("/0123456789abcdef-01234567.guest")
)

// socketPaths are the machine's socket and the fabric's for a port on a host.
func socketPaths(dir, portID, host string) (local, bound string) {
	sum := sha256.Sum256([]byte(host))
	name := filepath.Join(dir, socketPrefix(portID)+hex.EncodeToString(sum[:4]))
	return name + ".guest", name + ".fab"
}

// socketPrefix is what the names of a port's sockets begin with.
func socketPrefix(portID string) string {
	sum := sha256.Sum256([]byte(portID))
	return hex.EncodeToString(sum[:8]) + "-"
}

// removeSockets removes a port's sockets on all hosts, also those that an earlier process has left.
func removeSockets(dir, portID string) {
	files, _ := os.ReadDir(dir)
	for _, file := range files {
		if strings.HasPrefix(file.Name(), socketPrefix(portID)) {
			_ = os.Remove(filepath.Join(dir, file.Name()))
		}
	}
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
