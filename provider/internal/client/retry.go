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

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// patience is the longest Retry-After that is obeyed.
const patience = 5 * time.Minute

// retrier tries again what a busy or half-reachable cloud did not answer.
//
// 429 and 503 say that the request was not worked on, so everything is tried again after them. After
// 502, 504 and a connection that broke nobody knows whether it was, so there only requests are tried
// again that may be done twice: all but POST, and the POST that asks for a token. A connection that was
// never made carried no request.
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

// between is the context that counts between two attempts.
func between(request *http.Request) context.Context {
	if outer, ok := request.Context().Value(wholeKey{}).(context.Context); ok {
		return outer
	}
	return request.Context()
}

func (r retrier) RoundTrip(request *http.Request) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		try, err := again(request, attempt)
		if err != nil {
			return nil, err
		}
		response, err := r.next.RoundTrip(try)
		if attempt >= r.max || !r.worthwhile(request, response, err) {
			return response, err
		}
		pause := max(r.backoff.Pause(attempt), r.asked(response))
		if response != nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<16)) // so that the connection is kept
			_ = response.Body.Close()
		}
		if err := r.clock.Sleep(between(request), pause); err != nil {
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
	if request.Body != nil && request.GetBody == nil || between(request).Err() != nil {
		return false
	}
	if err != nil {
		return transient(err) && (repeatable(request) || unsent(err))
	}
	switch response.StatusCode {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return true
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return repeatable(request)
	}
	return false
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
	if errors.Is(err, context.DeadlineExceeded) { // a cloud that took minutes to say nothing is not asked again
		return unsent(err)
	}
	return !errors.As(err, &certificate) && !errors.As(err, &authority) && !errors.As(err, &record) &&
		!(errors.As(err, &address) && address.Op == "parse") &&
		!errors.Is(err, context.Canceled)
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
