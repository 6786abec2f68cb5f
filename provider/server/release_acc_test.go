// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

// TestAccServerReleases: a server on clouds of several ages, with what each of them knows. What it cannot have there is
// refused by the plan, in words that name the attribute, what it needs, and what the cloud offers.
func TestAccServerReleases(t *testing.T) {
	t.Parallel()
	const alone = "network_mode = \"none\"\n" // which began with 2.37
	for _, age := range []struct{ release, known, beyond, needs, offers string }{
		{"kilo", "", `tags = ["a"]`, "2.52", "2.3"},
		{"mitaka", `description = "old"`, `placement = { host = "compute-1" }`, "2.74", "2.25"},
		{"pike", alone + `tags = ["a"]`, `trusted_image_certificates = ["0b5d2c72-12cc-4ba6-a8d7-3ff5cc1d8cb8"]`, "2.63", "2.53"},
		{"train", alone + `placement = { host = "compute-1" }`, `hostname = "web"`, "2.90", "2.79"},
		{"2023.1", alone + `hostname = "web"`, "", "", ""},
	} {
		t.Run(age.release, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.CloudOfRelease(t, age.release)
			config := func(name, more string) string {
				return scene(t, cloud, fmt.Sprintf("name = %q\n%s\n%s", name, age.known, more))
			}
			steps := []resource.TestStep{
				{Config: config("one", ""), ConfigStateChecks: []statecheck.StateCheck{value("status", knownvalue.StringExact("ACTIVE"))}},
				{Config: config("other", ""), ConfigPlanChecks: does(plancheck.ResourceActionUpdate)},
			}
			if attribute, _, newer := strings.Cut(age.beyond, " "); newer {
				says := fmt.Sprintf("%s cannot be used: it needs microversion %s of Nova's API; this cloud offers up to %s",
					attribute, age.needs, age.offers)
				steps = append(steps, resource.TestStep{
					Config: config("other", age.beyond), PlanOnly: true,
					ExpectError: regexp.MustCompile(`Cloud Too Old(.|\n)*` + strings.ReplaceAll(regexp.QuoteMeta(says), " ", `\s+`)),
				})
			}
			cloud.Test(t, resource.TestCase{CheckDestroy: destroyed(cloud, t), Steps: steps})
		})
	}
}
