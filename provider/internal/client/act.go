// SPDX-License-Identifier: MPL-2.0

package client

import "context"

// Act does something that may be done twice, or that Nova refuses to do twice, and tries again where an attempt leaves
// open whether it was done. done looks if it was; nil is for what is simply repeated. The number of attempts is that of
// the provider's max_retries.
func Act(ctx context.Context, c *Client, act func(context.Context) error, done func(context.Context) (bool, error)) error {
	open := false // whether an earlier attempt may still have its effect
	for attempt := 0; ; attempt++ {
		err := act(ctx)
		if err == nil || !Ambiguous(err) && (!open || done == nil) {
			return err
		}
		if Ambiguous(err) && (attempt >= c.retries || c.clock.Sleep(ctx, c.backoff.Pause(attempt)) != nil) {
			return err
		}
		if done != nil {
			if is, lost := done(ctx); lost != nil || is {
				return lost
			}
		}
		if !Ambiguous(err) {
			return err
		}
		open = true
	}
}
