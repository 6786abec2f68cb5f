// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// exchange is how long a request and its answer may take, to the last byte. Those that are not broken off by an
// interruption (see Whole) have no other end.
const exchange = 10 * time.Minute

// bounded ends exchanges that take too long.
type bounded struct {
	next  http.RoundTripper
	limit time.Duration
}

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), b.limit)
	response, err := b.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = body{response.Body, cancel}
	return response, nil
}

// body is an answer's; the exchange is over when it is closed.
type body struct {
	io.ReadCloser

	over context.CancelFunc
}

func (b body) Close() error {
	defer b.over()
	return b.ReadCloser.Close()
}

// mostRedirects is how many redirects are followed one after the other.
const mostRedirects = 10

// RedirectError is a redirect that is not followed.
type RedirectError struct{ From, To string }

func (e *RedirectError) Error() string {
	return fmt.Sprintf("%s redirects to %s, where credentials are not sent unasked: if that is the cloud, name it in auth_url or endpoint_overrides",
		e.From, e.To)
}

// follow refuses redirects that would take the token, or the password that one is asked for with, to another host or out
// of TLS: net/http takes away from them only the headers that it knows.
func follow(next *http.Request, earlier []*http.Request) error {
	from := earlier[0].URL
	if next.URL.Hostname() != from.Hostname() || from.Scheme == "https" && next.URL.Scheme != "https" || len(earlier) > mostRedirects {
		return &RedirectError{From: from.Redacted(), To: next.URL.Redacted()}
	}
	return nil
}
