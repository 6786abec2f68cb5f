// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// inProcess starts a mockcloud for the test and returns the environment that names it. It is the only
// place where the provider meets mockcloud.
func inProcess(t *testing.T, options ...cloudtest.Option) func(string) string {
	t.Helper()
	env := cloudtest.Start(t, options...).Env("admin")
	return func(name string) string { return env[name] }
}

// unlisted leaves a service out of the cloud's catalogue.
func unlisted(service string) cloudtest.Option {
	return cloudtest.With(func(o *mockcloud.Options) { o.Unlisted = append(o.Unlisted, service) })
}
