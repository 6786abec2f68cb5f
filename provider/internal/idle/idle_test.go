// SPDX-License-Identifier: MPL-2.0

package idle_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/idle"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

const id = "2ce4c5b3-2866-4972-93ce-77a2ea46a7f9"

// busy is a cloud with a server that a task is under way with, which ends after so many looks at it; never for 0.
func busy(t *testing.T, looks int32) *session.Session {
	t.Helper()
	cloud := novatest.Start(t)
	cloud.Put(id, novatest.Server{"OS-EXT-STS:task_state": "image_uploading"})
	var seen atomic.Int32
	cloud.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/servers/") && seen.Add(1) == looks {
			cloud.Put(id, novatest.Server{"OS-EXT-STS:task_state": nil})
		}
		return false
	})
	c, err := client.New(t.Context(), client.Config{Lookup: cloud.Env, Clock: wait.Wall{}, MaxRetries: 1})
	if err != nil {
		t.Fatal(err)
	}
	return session.New(c)
}

var errBusy = gophercloud.ErrUnexpectedResponseCode{Actual: http.StatusConflict, Body: []byte(`{"conflictingRequest": {"message": "busy"}}`)}

func TestDoWaitsForTasks(t *testing.T) {
	t.Parallel()
	calls := 0
	err := idle.Do(t.Context(), busy(t, 3), id, func(context.Context) error {
		if calls++; calls == 1 {
			return errBusy
		}
		return nil
	})
	if err != nil || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

// TestDoGivesUp: no task stands in the way, the error is another, or the time is over.
func TestDoGivesUp(t *testing.T) {
	t.Parallel()
	torn := errors.New("torn")
	for name, test := range map[string]struct {
		looks int32
		limit time.Duration
		err   error
		want  error
		calls int
	}{
		"for another reason":    {1, time.Minute, errBusy, errBusy, 2},
		"at another error":      {1, time.Minute, torn, torn, 1},
		"when its time is over": {0, 100 * time.Millisecond, errBusy, context.DeadlineExceeded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), test.limit)
			defer cancel()
			calls := 0
			err := idle.Do(ctx, busy(t, test.looks), id, func(context.Context) error { calls++; return test.err })
			var code gophercloud.ErrUnexpectedResponseCode
			if !errors.Is(err, test.want) && !(errors.As(err, &code) && errors.As(test.want, &code)) || calls != test.calls {
				t.Errorf("%v after %d calls", err, calls)
			}
		})
	}
}
