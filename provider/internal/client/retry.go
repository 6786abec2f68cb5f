// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// patience is the longest Retry-After that is obeyed.
const patience = 5 * time.Minute

// mostErrors is how often a request is repeated that was answered 500: unlike a busy cloud, a broken one seldom recovers.
const mostErrors = 3

// retrier tries again what a busy or half-reachable cloud did not answer.
//
// 429 and 503 say that the request was not worked on, so everything is tried again after them, and after 413 where it
// says when: Nova's rate limits of old answer so, which also has it, with a wait of 0, for a quota that is full. After
// 500, 502, 504 and a connection that broke nobody knows whether it was, so there only requests are tried
// again that may be done twice: all but POST (see Once and Repeat), and the POST that asks for a token. A
// connection that was never made carried no request.
type retrier struct {
	next    http.RoundTripper
	clock   wait.Clock
	backoff wait.Backoff
	max     int // further attempts after the first
}

// wholeKey is where Whole keeps the context that it is made of.
type wholeKey struct{}

// Whole is ctx without its end, for a call that must not be broken off because only its answer tells what
// it made. What the cloud did not begin to work on is still not tried again once ctx has ended.
func Whole(ctx context.Context) context.Context {
	return context.WithValue(context.WithoutCancel(ctx), wholeKey{}, ctx)
}

// beyond is the context that Whole was made of, or ctx itself: the one that says whether anybody still waits.
func beyond(ctx context.Context) context.Context {
	if outer, ok := ctx.Value(wholeKey{}).(context.Context); ok {
		return outer
	}
	return ctx
}

func (r retrier) RoundTrip(request *http.Request) (*http.Response, error) {
	open, broken := false, 0 // whether an earlier attempt may have done it; how many were answered 500
	for attempt := 0; ; attempt++ {
		try, err := again(request, attempt)
		if err != nil {
			return nil, err
		}
		response, err := complete(r.next.RoundTrip(try))
		if open && request.Method == http.MethodDelete && err == nil && response.StatusCode == http.StatusNotFound {
			response.StatusCode, response.Status = http.StatusNoContent, "204 No Content"
			return response, nil
		}
		if response != nil && response.StatusCode == http.StatusInternalServerError {
			broken++
		}
		if attempt >= r.max || broken > mostErrors || !r.worthwhile(request, response, err) {
			return response, err
		}
		open = open || err != nil || uncertain(response.StatusCode)
		pause := r.pause(response, attempt)
		if response != nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection is kept
			_ = response.Body.Close()
		}
		tflog.Debug(request.Context(), "OpenStack API call is tried again", map[string]any{
			"method": request.Method, "url": request.URL.Redacted(), "pause": pause.String(),
		})
		if err := r.clock.Sleep(beyond(request.Context()), pause); err != nil {
			return nil, err
		}
	}
}

// again is the request with a fresh body.
func again(request *http.Request, attempt int) (*http.Request, error) {
	if attempt == 0 || request.Body == nil {
		return request, nil
	}
	body, err := request.GetBody()
	if err != nil {
		return nil, err
	}
	copied := request.Clone(request.Context())
	copied.Body = body
	return copied, nil
}

func (r retrier) worthwhile(request *http.Request, response *http.Response, err error) bool {
	if request.Body != nil && request.GetBody == nil || beyond(request.Context()).Err() != nil {
		return false
	}
	if err != nil {
		return transient(err) && (repeatable(request) || unsent(err))
	}
	switch code := response.StatusCode; code {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusRequestEntityTooLarge:
		return r.asked(response) > 0
	default:
		return repeatable(request) && uncertain(code)
	}
}

// uncertain is whether a status leaves open if the work is done: Nova, and what stands before it, also answer so when
// it is.
func uncertain(code int) bool {
	return code == http.StatusInternalServerError || code == http.StatusBadGateway || code == http.StatusGatewayTimeout
}

func repeatable(request *http.Request) bool {
	return request.Method != http.MethodPost || strings.HasSuffix(request.URL.Path, "/auth/tokens")
}

// unsent is whether the connection was never made.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// transient is whether the same request may fare better later: not if the name does not exist or the
// certificate is wrong.
func transient(err error) bool {
	var name *net.DNSError
	if errors.As(err, &name) {
		return name.IsTemporary || name.IsTimeout
	}
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	var address *url.Error
	var away *RedirectError
	if errors.As(err, &away) {
		return false
	}
	if errors.Is(err, context.DeadlineExceeded) { // a cloud that took minutes to say nothing is not asked again
		return unsent(err)
	}
	return !errors.As(err, &certificate) && !errors.As(err, &authority) && !errors.As(err, &record) &&
		!(errors.As(err, &address) && address.Op == "parse") &&
		!errors.Is(err, context.Canceled)
}

// pause is how long to wait before the next attempt: what the answer asks for, but not all clients to the same moment.
func (r retrier) pause(response *http.Response, attempt int) time.Duration {
	pause, asked := r.backoff.Pause(attempt), r.asked(response)
	if asked < pause {
		return pause
	}
	return asked + r.backoff.Pause(0)/2
}

// asked is how long the answer asks to wait, in seconds or as a date.
func (r retrier) asked(response *http.Response) time.Duration {
	if response == nil {
		return 0
	}
	header := response.Header.Get("Retry-After")
	if seconds, err := strconv.Atoi(header); err == nil {
		return min(time.Duration(max(seconds, 0))*time.Second, patience)
	}
	if date, err := http.ParseTime(header); err == nil {
		return min(date.Sub(r.clock.Now()), patience)
	}
	return 0
}
