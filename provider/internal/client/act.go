// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/gophercloud/gophercloud/v2"
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
		last := !Ambiguous(err) || c.Pause(ctx, attempt) != nil || attempt >= c.retries
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

// Repeat is Act for what may be asked for twice and gets a 409 while the first request is being worked on: a conflict of
// a repetition is a success, and what comes of it is to be waited for.
func Repeat(ctx context.Context, c *Client, ask func(context.Context) error) error {
	attempts := 0
	return Act(ctx, c, func(ctx context.Context) error {
		attempts++
		err := ask(ctx)
		if attempts > 1 && gophercloud.ResponseCodeIs(err, http.StatusConflict) {
			return nil
		}
		return err
	}, nil)
}
