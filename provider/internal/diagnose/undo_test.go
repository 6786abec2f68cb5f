// SPDX-License-Identifier: MPL-2.0

package diagnose_test

import (
	"context"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// TestInterrupted: what could not be removed is kept, and why is told.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	refused := gophercloud.ErrUnexpectedResponseCode{Actual: 409, Body: []byte(`{"conflictingRequest": {"message": "in use"}}`)}
	for name, test := range map[string]struct {
		removal error
		forget  bool
		says    string
	}{
		"removed":      {nil, true, "interrupted, and undone"},
		"gone already": {gophercloud.ErrUnexpectedResponseCode{Actual: 404}, true, "interrupted, and undone"},
		"refused":      {refused, false, "In use.\nHTTP status: 409"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forget, err := diagnose.Interrupted(ctx, test.removal)
			if text := diagnose.Cause(err); forget != test.forget || !strings.Contains(strings.ToLower(text), strings.ToLower(test.says)) {
				t.Errorf("forget: %t; %s", forget, text)
			} else if !forget && !strings.Contains(text, "before an interruption (context canceled)") {
				t.Error(text)
			}
		})
	}
}
