// SPDX-License-Identifier: MPL-2.0

package hypervisor_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const old = "provider \"nova\" {\n  max_microversion = \"2.52\"\n}\n"

// TestAccHypervisorData reads hosts, too, which are the same machines by another name.
func TestAccHypervisorData(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	const config = `
data "nova_hypervisors" "all" {
  state = "up"
}

data "nova_hypervisor" "id" {
  id = data.nova_hypervisors.all.ids[0]
}

data "nova_hypervisor" "hostname" {
  hostname = data.nova_hypervisor.id.hostname
}

data "nova_hosts" "compute" {
  service = "compute"
}

data "nova_hosts" "nowhere" {
  zone = "no such zone"
}
`
	is := func(source string, at tfjsonpath.Path, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, at, of)
	}
	common := []statecheck.StateCheck{
		is("nova_hypervisor.hostname", tfjsonpath.New("vcpus"), knownvalue.NotNull()),
		is("nova_hypervisor.hostname", tfjsonpath.New("memory_mb"), knownvalue.NotNull()),
		is("nova_hypervisor.hostname", tfjsonpath.New("uptime"), knownvalue.StringRegexp(regexp.MustCompile("load average"))),
		is("nova_hypervisor.hostname", tfjsonpath.New("cpu_info").AtMapKey("arch"), knownvalue.NotNull()),
		is("nova_hosts.nowhere", tfjsonpath.New("names"), knownvalue.ListSizeExact(0)),
		is("nova_hosts.compute", tfjsonpath.New("hosts").AtSliceIndex(0).AtMapKey("zone"), knownvalue.StringExact("nova")),
	}
	same := resource.ComposeAggregateTestCheckFunc(
		resource.TestCheckResourceAttrPair("data.nova_hypervisor.hostname", "id", "data.nova_hypervisors.all", "ids.0"),
		resource.TestCheckResourceAttrPair("data.nova_hypervisor.hostname", "host", "data.nova_hosts.compute", "names.0"),
	)
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config, Check: same, ConfigStateChecks: append(common, is("nova_hypervisor.id", tfjsonpath.New("id"), knownvalue.StringRegexp(regexp.MustCompile("^.{36}$"))))},
		{Config: old + config, Check: same, ConfigStateChecks: append(common, is("nova_hypervisor.id", tfjsonpath.New("id"), knownvalue.StringExact("1")))},
		{Config: old + "data \"nova_hypervisors\" \"test\" {\n  with_servers = true\n}\n", ExpectError: regexp.MustCompile(`with_servers cannot be used: it\s+needs\s+microversion\s+2\.53`)},
		{Config: `data "nova_hypervisor" "none" { hostname = "no such host" }`, ExpectError: regexp.MustCompile(`No Such Hypervisor`)},
		{Config: config},
	}})
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: `data "nova_hypervisors" "all" {}`, ExpectError: regexp.MustCompile(`(?s)Unable to Find Hypervisors.*403.*hypervisors\s+to\s+administrators\s+only`)},
	}})
}
