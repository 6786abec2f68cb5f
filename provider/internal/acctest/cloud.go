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
	return environment(cloudtest.Start(t, options...), "admin")
}

// Alone returns a cloud that nobody else uses, in this process whatever the environment names: for tests that take hosts for
// themselves, or change what all others see.
func Alone(t *testing.T) *Target {
	t.Helper()
	needTerraform(t)
	return connect(t, inProcess(t))
}

// environment names a cloud and one of its users.
func environment(cloud *cloudtest.Cloud, user string) func(string) string {
	env := cloud.Env(user)
	return func(name string) string { return env[name] }
}

// CloudWithMember returns a cloud as its administrator sees it, and as a member of a project does whom its policy
// refuses what only administrators may.
func CloudWithMember(t *testing.T) (admin, member *Target) {
	t.Helper()
	needTerraform(t)
	if named() {
		t.Skip("the environment names one user of the cloud under test")
	}
	cloud := cloudtest.Start(t)
	return connect(t, environment(cloud, "admin")), connect(t, environment(cloud, "demo"))
}

// CloudOfRelease returns a cloud whose Nova is of that release: "kilo", "2023.1".
func CloudOfRelease(t *testing.T, release string) *Target {
	t.Helper()
	needTerraform(t)
	if named() {
		t.Skip("the cloud under test is of its own release")
	}
	return connect(t, inProcess(t, cloudtest.Release(release)))
}

// unlisted leaves a service out of the cloud's catalogue.
func unlisted(service string) cloudtest.Option {
	return cloudtest.With(func(o *mockcloud.Options) { o.Unlisted = append(o.Unlisted, service) })
}
