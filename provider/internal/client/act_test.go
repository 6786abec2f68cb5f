// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// instant is a clock on which no time passes.
type instant struct{}

func (instant) Now() time.Time                                   { return time.Time{} }
func (instant) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func status(code int) error { return gophercloud.ErrUnexpectedResponseCode{Actual: code} }

func TestAct(t *testing.T) {
	t.Parallel()
	conflict := status(http.StatusConflict)
	for name, test := range map[string]struct {
		answers  []error // of the attempts
		doneFrom int     // after which attempt it is done; 0 is never
		err      error
		attempts int
	}{
		"at once":                  {[]error{nil}, 0, nil, 1},
		"refused":                  {[]error{conflict}, 0, conflict, 1},
		"refused, though it is so": {[]error{conflict}, 1, conflict, 1},
		"answer lost, done":        {[]error{io.ErrUnexpectedEOF}, 1, nil, 1},
		"answer lost, not done":    {[]error{io.ErrUnexpectedEOF, nil}, 0, nil, 2},
		"done late":                {[]error{status(http.StatusBadGateway), conflict}, 2, nil, 2},
		"refused after a lost try": {[]error{status(http.StatusInternalServerError), conflict}, 0, conflict, 2},
		"never any answer":         {[]error{io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF}, 0, io.ErrUnexpectedEOF, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			attempts := 0
			err := Act(t.Context(), &Client{clock: instant{}, retries: 2},
				func(context.Context) error { attempts++; return test.answers[attempts-1] },
				func(context.Context) (bool, error) { return test.doneFrom != 0 && attempts >= test.doneFrom, nil })
			if !errors.Is(err, test.err) && !(err != nil && test.err != nil && err.Error() == test.err.Error()) || attempts != test.attempts {
				t.Errorf("%v after %d attempts", err, attempts)
			}
		})
	}
}
