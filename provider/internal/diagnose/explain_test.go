// SPDX-License-Identifier: MPL-2.0

package diagnose_test

import (
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
)

// TestExplanations: the messages that the clouds themselves give, and what people are told of them.
func TestExplanations(t *testing.T) {
	t.Parallel()
	body := func(code int, message string) error {
		return gophercloud.ErrUnexpectedResponseCode{Actual: code, Body: []byte(`{"x": {"message": "` + message + `"}}`)}
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{
			body(403, "Quota exceeded for cores, ram: Requested 10, 51200, but already used 15, 4096 of 20, 51200 cores, ram"),
			"Quota of cores: 10 requested, 15 in use, 20 allowed.\nQuota of ram: 51200 MiB requested, 4096 MiB in use, 51200 MiB allowed.\n`openstack quota",
		},
		{
			body(403, "Quota exceeded for instances: Requested 1-3, but already used 9 of 10 instances"),
			"Quota of instances: 1-3 requested, 9 in use, 10 allowed.\n",
		},
		{body(403, "Quota exceeded for cores, ram: Requested many, but already used 15, 4096 of 20 cores, ram"), "The quota of cores, ram is used up."},
		{body(403, "Quota exceeded, too many key pairs."), "The quota of key pairs is used up.\n"},
		{body(409, "Quota exceeded for resources: ['security_group']."), "The quota of security_group is used up."},
		{
			body(413, "Requested volume or snapshot exceeds allowed gigabytes quota. Requested 20G, quota is 10G and 5G has been consumed."),
			"Quota of gigabytes: 20 GiB requested, 5 GiB in use, 10 GiB allowed.",
		},
		{body(413, "Maximum number of volumes allowed (10) exceeded for quota 'volumes'."), "The quota of volumes is used up: the limit is 10."},
		{body(403, "Policy doesn't allow os_compute_api:os-flavor-manage:create to be performed."), "The rule os_compute_api:os-flavor-manage:create of"},
		{body(403, "no"), "another role"},
		{body(401, "no"), "credentials"},
		{body(429, "no"), "-parallelism"},
		{body(413, "no"), "user_data"},
		{
			&diagnose.Fault{Status: "ERROR", Code: 500, Message: "No valid host was found. There are not enough hosts available."},
			"nova_hypervisors",
		},
		{
			&diagnose.Fault{Status: "ERROR", Code: 500, Message: "Exceeded maximum number of retries. Exceeded max scheduling attempts 3 for instance x."},
			"server group",
		},
		{&gophercloud.ErrUnableToReauthenticate{ErrOriginal: body(401, "expired"), ErrReauth: body(401, "wrong password")}, "gave no new one.\n\nWrong password."},
	} {
		got := diagnose.Cause(test.err)
		if !strings.Contains(got, test.want) {
			t.Errorf("%s\n%s\nlacks %q", test.err, got, test.want)
		}
	}
}
