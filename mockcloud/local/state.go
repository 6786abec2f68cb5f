// SPDX-License-Identifier: MPL-2.0

package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// DefaultDir is where a user's cloud is unless told otherwise.
func DefaultDir() string {
	if base := os.Getenv("XDG_STATE_HOME"); base != "" {
		return filepath.Join(base, "mockcloud")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return filepath.Join(os.TempDir(), fmt.Sprintf("mockcloud-%d", os.Getuid()))
	}
	return filepath.Join(home, ".local", "state", "mockcloud")
}

// lockLimit is how long the lock may outlive its holder: one who is killed between the fork and the exec
// of a child leaves it to the child until then.
const lockLimit = time.Second

// Ours tells whether dir is a directory, not a link to one, that nobody else can write into.
func Ours(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && ours(dir) == nil
}

// ours refuses a directory that others can write into: they could put their own cloud there.
func ours(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	const byOthers = 0o022
	if known && int(owner.Uid) != os.Geteuid() || info.Mode().Perm()&byOthers != 0 {
		return fmt.Errorf("the state directory %s can be written by others: choose another, or chmod it to 0700", dir)
	}
	return nil
}

// lockState makes the state directory and keeps other processes out of it until release is called.
func lockState(ctx context.Context, dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := ours(dir); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	const pause = 10 * time.Millisecond
	for waited := time.Duration(0); ; waited += pause {
		if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			return file.Close, nil
		}
		if waited >= lockLimit || clock.Wall().Sleep(ctx, pause) != nil {
			return nil, errors.Join(fmt.Errorf("another mockcloud runs on %s", dir), file.Close())
		}
	}
}
