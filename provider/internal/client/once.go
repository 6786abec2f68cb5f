// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"io"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"
)

// Ambiguous is whether err leaves open if the cloud did what it was asked: the answer got lost, or is of a kind (500,
// 502, 504) that Nova and what stands before it also give after the work is done.
func Ambiguous(err error) bool {
	var code gophercloud.ErrUnexpectedResponseCode
	if errors.As(err, &code) {
		return uncertain(code.Actual)
	}
	// What http.Client returns is a url.Error: the request was not answered, or never sent.
	var exchange *url.Error
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &exchange) && exchange.Op != "parse" {
		return !unsent(err) && (transient(err) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled))
	}
	return false
}

// Once creates an object, and only once: where an attempt leaves open whether there is one now, find looks for it
// before the next, and once more where that is refused: an attempt that was given up by what stands before the cloud may
// have been worked on all the while, and its name is taken then. find returns nil without an error if there is none; it
// knows the object by a mark that nothing else has, or by what was there before. The number of attempts is that of the
// provider's max_retries.
//
// create and find should be called with a context that does not end in between (see Whole), or an object that was
// made may go unnoticed.
func Once[T any](ctx context.Context, c *Client, create, find func(context.Context) (*T, error)) (*T, error) {
	for attempt := 0; ; attempt++ {
		made, err := create(ctx)
		open := Ambiguous(err)
		if err == nil || !open && attempt == 0 {
			return made, err
		}
		// Who is interrupted looks, but makes nothing any more.
		last := !open || c.Pause(ctx, attempt) != nil || attempt >= c.retries
		found, lost := find(ctx)
		switch {
		case found != nil:
			return found, nil
		case lost != nil:
			return nil, errors.Join(err, lost)
		case last:
			return nil, err
		}
	}
}
