// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Fault is an error with an HTTP status: what a handler returns to refuse a request. Any other error
// is a 500 whose text stays in the log.
type Fault struct {
	Code    int
	Message string
	// Details say more; "" is nothing.
	Details string
	// Kind is the service's own name for the error ("NetworkNotFound"), where it has one.
	Kind string
	// Subject is what the error is about, for who says it in other words.
	Subject string
	Header  http.Header
}

func (f *Fault) Error() string { return fmt.Sprintf("%d %s", f.Code, f.Message) }

// NewFault is a Fault with that status and message.
func NewFault(code int, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// BadRequest is 400.
func BadRequest(format string, args ...any) *Fault {
	return NewFault(http.StatusBadRequest, format, args...)
}

// Unauthorized is 401.
func Unauthorized(format string, args ...any) *Fault {
	return NewFault(http.StatusUnauthorized, format, args...)
}

// Forbidden is 403.
func Forbidden(format string, args ...any) *Fault {
	return NewFault(http.StatusForbidden, format, args...)
}

// NotFound is 404.
func NotFound(format string, args ...any) *Fault {
	return NewFault(http.StatusNotFound, format, args...)
}

// Conflict is 409.
func Conflict(format string, args ...any) *Fault {
	return NewFault(http.StatusConflict, format, args...)
}

// Named gives the fault the service's own name for the error.
func (f *Fault) Named(kind string) *Fault {
	f.Kind = kind
	return f
}

// With adds a header to the answer.
func (f *Fault) With(key, value string) *Fault {
	if f.Header == nil {
		f.Header = http.Header{}
	}
	f.Header.Set(key, value)
	return f
}

// After says when to try again (Retry-After, whole seconds).
func (f *Fault) After(d time.Duration) *Fault {
	return f.With("Retry-After", strconv.Itoa(int((d+time.Second-1)/time.Second)))
}

// AsFault is the Fault in err's chain, or nil.
func AsFault(err error) *Fault {
	var fault *Fault
	if errors.As(err, &fault) {
		return fault
	}
	return nil
}

// FaultBody is how a service spells a fault: the value is encoded as the JSON body.
type FaultBody func(f *Fault) any

// novaFaults are the keys of Nova's fault bodies; every other status is a computeFault.
var novaFaults = map[int]string{
	http.StatusBadRequest:            "badRequest",
	http.StatusUnauthorized:          "unauthorized",
	http.StatusForbidden:             "forbidden",
	http.StatusNotFound:              "itemNotFound",
	http.StatusMethodNotAllowed:      "badMethod",
	http.StatusConflict:              "conflictingRequest",
	http.StatusRequestEntityTooLarge: "overLimit",
	http.StatusUnsupportedMediaType:  "badMediaType",
	http.StatusTooManyRequests:       "overLimit",
	http.StatusNotImplemented:        "notImplemented",
	http.StatusServiceUnavailable:    "serviceUnavailable",
}

// NovaFault is Nova's fault body: {"itemNotFound": {"code": 404, "message": "…"}}.
func NovaFault(f *Fault) any {
	name, ok := novaFaults[f.Code]
	if !ok {
		name = "computeFault"
	}
	body := map[string]any{"code": f.Code, "message": f.Message}
	if f.Details != "" {
		body["details"] = f.Details
	}
	if retry := f.Header.Get("Retry-After"); retry != "" && name == "overLimit" {
		body["retryAfter"] = retry
	}
	return map[string]any{name: body}
}

func (s *Service) writeFault(c *Call, w http.ResponseWriter, f *Fault) {
	for key, values := range f.Header {
		w.Header()[key] = values
	}
	body, err := json.Marshal(s.Fault(f))
	if err == nil && c.media.xml {
		body, err = s.XML.encodeFault(body)
	}
	if err != nil {
		s.log().Error("fault body", "error", err)
	}
	w.Header().Set("Content-Type", c.media.fault())
	w.WriteHeader(f.Code)
	_, _ = w.Write(body)
}
