// SPDX-License-Identifier: MPL-2.0

package service_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

func TestAccServiceData(t *testing.T) {
	t.Parallel()
	cloud, member := acctest.CloudWithMember(t)
	const all = `
data "nova_services" "compute" {
  binary = "nova-compute"
  state  = "up"
}

data "nova_service" "first" {
  host   = data.nova_services.compute.services[0].host
  binary = "nova-compute"
}

data "nova_service" "id" {
  id = data.nova_service.first.id
}
`
	const forced = `
data "nova_services" "forced" {
  forced_down = true
}
`
	is := func(source, attribute string, of knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("data."+source, tfjsonpath.New(attribute), of)
	}
	same := resource.TestCheckResourceAttrPair("data.nova_service.id", "id", "data.nova_services.compute", "ids.0")
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: all + forced, Check: same, ConfigStateChecks: []statecheck.StateCheck{
			is("nova_service.id", "status", knownvalue.StringExact("enabled")), is("nova_service.id", "forced_down", knownvalue.Bool(false)),
			is("nova_service.id", "id", knownvalue.StringRegexp(regexp.MustCompile("^.{36}$"))),
			is("nova_service.id", "updated", knownvalue.NotNull()), is("nova_services.forced", "ids", knownvalue.ListSizeExact(0)),
		}},
		{
			Config: "provider \"nova\" {\n  max_microversion = \"2.10\"\n}\n" + all, Check: same,
			ConfigStateChecks: []statecheck.StateCheck{
				is("nova_service.id", "forced_down", knownvalue.Null()), is("nova_service.id", "id", knownvalue.StringRegexp(regexp.MustCompile(`^\d+$`))),
			},
		},
		{
			Config:      "provider \"nova\" {\n  max_microversion = \"2.10\"\n}\n" + forced,
			ExpectError: regexp.MustCompile(`forced_down cannot be used: it\s+needs\s+microversion\s+2\.11`),
		},
		{Config: `data "nova_service" "none" { host = "no such host" }`, ExpectError: regexp.MustCompile(`No Such Service`)},
	}})
	member.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: `data "nova_services" "all" {}`, ExpectError: regexp.MustCompile(`(?s)403.*services\s+to\s+administrators\s+only`)},
	}})
}
