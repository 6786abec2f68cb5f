// SPDX-License-Identifier: MPL-2.0

package diagnose

import (
	"context"
	"fmt"
)

// Forgiven is what came of a removal: err, unless that says that what was to be removed is gone already.
func Forgiven(err error) error {
	if NotFound(err) {
		return nil
	}
	return err
}

// Interrupted is why a create fails whose ctx has ended, and whether the state is to forget what it made, as nobody may
// ever hear of it: removal is what came of removing that again. What could not be removed is to stay in the state.
func Interrupted(ctx context.Context, removal error) (forget bool, err error) {
	if removal = Forgiven(removal); removal != nil {
		return false, &Hinted{Err: removal, Hint: fmt.Sprintf(
			"This is about removing again what was made before an interruption (%s). It is in the state, tainted.", ctx.Err())}
	}
	return true, fmt.Errorf("interrupted, and undone: %w", ctx.Err())
}
