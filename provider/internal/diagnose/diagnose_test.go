// SPDX-License-Identifier: MPL-2.0

package diagnose_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// TestFailure holds the one spelling of errors.
func TestFailure(t *testing.T) {
	t.Parallel()
	refused := func(body string) error {
		return fmt.Errorf("wrapped: %w", gophercloud.ErrUnexpectedResponseCode{
			Method: "POST", URL: "http://cloud/servers", Actual: 400, Body: []byte(body), ResponseHeader: http.Header{"X-Compute-Request-Id": {"req-1"}},
		})
	}
	const tail = "\nHTTP status: 400 Bad Request (POST http://cloud/servers)\nRequest id: req-1"
	for _, test := range []struct {
		err  error
		want string
	}{
		{refused(`{"badRequest": {"code": 400, "message": "Invalid key_name provided."}}`), "Invalid key_name provided." + tail},
		{refused(`{"error": {"code": 400, "message": "no"}}`), "No." + tail},
		{refused(`{"NeutronError": {"type": "T", "message": "no such port", "detail": ""}}`), "No such port." + tail},
		{refused(`{"message": "no"}`), "No." + tail},
		{refused(``), "The cloud gave no message." + tail},
		{refused(` élan vital `), "Élan vital." + tail},
		{errors.New("no route"), "No route."},
		{&diagnose.Hinted{Err: refused(`no`), Hint: "Do this."}, "No." + tail + "\n\nDo this."},
		{&diagnose.Fault{Status: "ERROR", Code: 500, Message: "no space"}, "The server went to status ERROR: no space (fault code 500)."},
		{refused("<html><head><title>x</title></head><body><h1>502 Bad Gateway</h1>\nnginx &amp; co</body></html>"), "502 Bad Gateway nginx & co." + tail},
		{&diagnose.Fault{Status: "ERROR"}, "The server went to status ERROR, and Nova gives no reason."},
		{fmt.Errorf("still in BUILD: %w", context.DeadlineExceeded),
			"It took longer than the time limit: still in BUILD: context deadline exceeded. Where there are `timeouts`, they can allow more."},
	} {
		got := diagnose.Failure("Create", "Server", "web-1", test.err)
		if got.Summary() != `Unable to Create Server "web-1"` || got.Detail() != test.want {
			t.Errorf("%s\n%s", got.Summary(), got.Detail())
		}
	}
	if got := diagnose.Failure("List", "Availability Zones", "", errors.New("no")).Summary(); got != "Unable to List Availability Zones" {
		t.Error(got)
	}
}
