// SPDX-License-Identifier: MPL-2.0

package servermetadata_test

import (
	"fmt"
	"maps"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const address = "nova_server_metadata.test"

func config(server, metadata string) string {
	return fmt.Sprintf("resource \"nova_server_metadata\" \"test\" {\n  server_id = %q\n  metadata  = %s\n}\n", server, metadata)
}

func does(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}}
}

func managed(pairs map[string]string) statecheck.StateCheck {
	all := map[string]knownvalue.Check{}
	for key, text := range pairs {
		all[key] = knownvalue.StringExact(text)
	}
	return statecheck.ExpectKnownValue(address, tfjsonpath.New("metadata"), knownvalue.MapExact(all))
}

type texts = map[string]string

func TestAccServerMetadata(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server, other := cloud.Server(t, "none"), cloud.Server(t, "none")
	set := func(server string, pairs texts) {
		if err := cloud.Servers().SetMetadata(t.Context(), server, pairs); err != nil {
			t.Fatal(err)
		}
	}
	drop := func(server string, keys ...string) {
		for _, key := range keys {
			if err := cloud.Servers().DropMetadata(t.Context(), server, key); err != nil {
				t.Fatal(err)
			}
		}
	}
	set(server, texts{"theirs": "1"})
	has := func(server string, pairs texts) resource.TestCheckFunc {
		return func(*terraform.State) error {
			found, err := cloud.Servers().Get(t.Context(), server)
			if err == nil && !maps.Equal(found.Metadata, pairs) {
				err = fmt.Errorf("server %s has %v, not %v", server, found.Metadata, pairs)
			}
			return err
		}
	}
	const changed = `{ kept = "changed", "a b:c" = "new" }`
	cloud.Test(t, resource.TestCase{
		CheckDestroy: resource.ComposeAggregateTestCheckFunc(has(server, texts{"theirs": "1"}), has(other, texts{})),
		Steps: []resource.TestStep{
			{
				Config:            config(server, `{ kept = "1", dropped = "" }`),
				ConfigStateChecks: []statecheck.StateCheck{managed(texts{"kept": "1", "dropped": ""})},
				Check:             has(server, texts{"theirs": "1", "kept": "1", "dropped": ""}),
			},
			{
				Config: config(server, changed), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				Check: has(server, texts{"theirs": "1", "kept": "changed", "a b:c": "new"}),
			},
			{ // drift of own keys is undone; what others add stays
				PreConfig: func() { set(server, texts{"kept": "by others", "more": "2"}); drop(server, "a b:c") },
				Config:    config(server, changed), ConfigPlanChecks: does(plancheck.ResourceActionUpdate),
				ConfigStateChecks: []statecheck.StateCheck{managed(texts{"kept": "changed", "a b:c": "new"})},
				Check:             has(server, texts{"theirs": "1", "more": "2", "kept": "changed", "a b:c": "new"}),
			},
			{
				PreConfig: func() { drop(server, "more") },
				Config:    config(other, changed), ConfigPlanChecks: does(plancheck.ResourceActionDestroyBeforeCreate),
				Check: resource.ComposeAggregateTestCheckFunc(has(server, texts{"theirs": "1"}), has(other, texts{"kept": "changed", "a b:c": "new"})),
			},
			{ResourceName: address, ImportState: true, ImportStateVerify: true},
			{
				ResourceName: address, ImportState: true, ImportStateId: other + "/a b:c",
				ImportStateCheck: func(states []*terraform.InstanceState) error {
					if len(states) != 1 || states[0].Attributes["metadata.%"] != "1" || states[0].Attributes["metadata.a b:c"] != "new" {
						return fmt.Errorf("imported %v", states)
					}
					return nil
				},
			},
			{PreConfig: func() { drop(other, "kept", "a b:c") }, Config: config(other, changed), ConfigPlanChecks: does(plancheck.ResourceActionCreate)},
		},
	})
}

// TestAccServerMetadataLost: what was set although the answer got lost is not taken for somebody else's.
func TestAccServerMetadataLost(t *testing.T) {
	t.Parallel()
	cloud := acctest.CloudWithHosts(t, 1, nil)
	server := cloud.Server(t, "none")
	const operation = "POST /servers/{id}/metadata"
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{PreConfig: func() { cloud.Lose(t, operation, true) }, Config: config(server, `{ a = "1" }`)},
		{
			PreConfig: func() { cloud.Lose(t, operation, false) }, Config: config(server, `{ a = "2" }`),
			ConfigPlanChecks: does(plancheck.ResourceActionUpdate), ConfigStateChecks: []statecheck.StateCheck{managed(texts{"a": "2"})},
		},
	}})
}

func TestAccServerMetadataIdentity(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
		Steps: []resource.TestStep{
			{Config: config(server, `{ a = "b" }`), ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectIdentityValueMatchesState(address, tfjsonpath.New("server_id")),
			}},
			{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
		},
	})
}

func TestAccServerMetadataInvalid(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	server := cloud.Server(t, "none")
	if err := cloud.Servers().SetMetadata(t.Context(), server, texts{"theirs": "1", "same": "2"}); err != nil {
		t.Fatal(err)
	}
	const nobody = "00000000-0000-0000-0000-000000000000"
	cloud.Test(t, resource.TestCase{Steps: []resource.TestStep{
		{Config: config(server, `{}`), PlanOnly: true, ExpectError: regexp.MustCompile(`at\s+least\s+1\s+elements`)},
		{Config: config(server, `{ "a/b" = "c" }`), PlanOnly: true, ExpectError: regexp.MustCompile(`may\s+hold\s+letters`)},
		{Config: config(server, `{ "terraform:create" = "c" }`), PlanOnly: true, ExpectError: regexp.MustCompile(`none\s+of`)},
		{Config: config(nobody, `{ a = "b" }`), ExpectError: regexp.MustCompile(`Unable to Create Server Metadata(.|\n)*HTTP status: 404`)},
		{Config: config(server, `{ theirs = "2", mine = "3" }`), ExpectError: regexp.MustCompile(`already,\s+with\s+other\s+values:\s+"theirs"`)},
		{Config: config(server, `{ same = "2" }`)},
		{
			Config:      config(server, `{ same = "2", theirs = "2" }`),
			ExpectError: regexp.MustCompile(`Unable to Change Server Metadata(.|\n)*"theirs"`),
		},
		{ResourceName: address, ImportState: true, ImportStateId: server + "/a/b", ExpectError: regexp.MustCompile(`Invalid Import Id`)},
		{Config: config(server, `{ same = "2" }`), ConfigPlanChecks: does(plancheck.ResourceActionNoop)},
	}})
}
