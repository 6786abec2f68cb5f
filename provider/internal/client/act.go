// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
)

// Act does something that Nova refuses to do twice, or that comes to the same, and tries again where an attempt leaves
// open whether it was done. done looks if it was; nil is for what is simply done again, whose refusal the caller
// understands. The number of attempts is that of the provider's max_retries.
func Act(ctx context.Context, c *Client, act func(context.Context) error, done func(context.Context) (bool, error)) error {
	open := false // whether an earlier attempt may have been the one that did it
	for attempt := 0; ; attempt++ {
		err := act(ctx)
		if !Ambiguous(err) && (!open || done == nil || err == nil) {
			return err
		}
		// Who is interrupted looks, but does nothing any more.
		last := !Ambiguous(err) || c.clock.Sleep(beyond(ctx), c.backoff.Pause(attempt)) != nil || attempt >= c.retries
		if done != nil {
			switch is, lost := done(ctx); {
			case is:
				return nil
			case lost != nil:
				return errors.Join(err, lost)
			}
		}
		if last {
			return err
		}
		open = true
	}
}
