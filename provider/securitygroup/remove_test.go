// SPDX-License-Identifier: MPL-2.0

package securitygroup

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/network"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// slow is a network service with a group in use, which it says once; then it does not answer any more.
type slow struct {
	network.Groups

	asked int
}

func (s *slow) Delete(ctx context.Context, _ string) error {
	if s.asked++; s.asked == 1 {
		return gophercloud.ErrUnexpectedResponseCode{Actual: http.StatusConflict}
	}
	<-ctx.Done()
	return ctx.Err()
}

// instant is a clock on which pauses take no time.
type instant struct{ wait.Wall }

func (instant) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

// A time limit that ends in the midst of a request is explained as one that ends in a pause: by what uses the group.
func TestRemoveSaysWhatItWaitedFor(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	service := &slow{}
	err := remove(ctx, instant{}, service, "g")
	if !diagnose.Conflict(err) || !strings.Contains(diagnose.Cause(err), "timeouts.delete") {
		t.Errorf("%d requests: %v", service.asked, err)
	}
	if service.asked != 2 {
		t.Errorf("%d requests", service.asked)
	}
}
