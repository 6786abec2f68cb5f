// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// lockRetry is how often a waiting build looks again; flock(2) itself cannot be given up.
const lockRetry = 50 * time.Millisecond

// lock takes the exclusive lock on path, which is made if need be, and waits for it while ctx lasts.
// The kernel frees it when the process dies. Call unlock once.
func lock(ctx context.Context, c clock.Clock, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			break
		}
		if err = c.Sleep(ctx, lockRetry); err != nil {
			err = fmt.Errorf("another build holds the lock: %w", err)
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return func() { f.Close() }, nil
}
