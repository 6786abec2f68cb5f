// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// TestRateLimited: on a cloud that takes one server in half a second, an apply of several makes each of them once, as soon as
// it may.
func TestRateLimited(t *testing.T) {
	t.Parallel()
	const servers = 6
	mock := acctest.NewMock(t, acctest.RateLimits(t, "(POST, */servers, ^/servers, 2, SECOND); (DELETE, */servers, ^/servers, 2, SECOND)"))
	tf := mock.Terraform(t, wait.Wall{}, fmt.Sprintf(web, servers, mock.Image(t), mock.Net(t)))
	mock.Requests("compute")
	for _, step := range []struct {
		verb, each string
		args       []string
	}{
		{"POST ", "POST /servers", []string{"apply", "-auto-approve", "-no-color"}},
		{"DELETE ", "DELETE /servers/{id}", []string{"apply", "-destroy", "-auto-approve", "-no-color"}},
	} {
		tf.Run(step.args...)
		asked := mock.Requests("compute")
		if asked[step.each] != servers || asked[step.verb] == 0 {
			t.Errorf("%d of %s, want %d; %d more were refused, want some", asked[step.each], step.each, servers, asked[step.verb])
		}
	}
}
