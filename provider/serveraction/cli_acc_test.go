// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// TestAccServerActionsTriggered: Terraform itself runs actions after a creation and after a change.
func TestAccServerActionsTriggered(t *testing.T) {
	t.Parallel()
	cloud := acctest.Cloud(t)
	config := func(name string) string {
		return fmt.Sprintf(`
resource "nova_server" "test" {
  name         = %q
  image_id     = %q
  flavor_id    = %q
  network_mode = "none"

  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.nova_server_lock.test]
    }
    action_trigger {
      events  = [after_update]
      actions = [action.nova_server_reboot.test]
    }
  }
}

action "nova_server_lock" "test" {
  config {
    server_id = nova_server.test.id
    reason    = "made by a test"
  }
}

action "nova_server_reboot" "test" {
  config {
    server_id = nova_server.test.id
    type      = "hard"
  }
}
`, name, cloud.Image(t), cloud.Flavor(t))
	}
	has := func(check func(*nova.Server, []nova.InstanceAction) bool) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			id := s.RootModule().Resources["nova_server.test"].Primary.ID
			server, err := cloud.Servers().Get(t.Context(), id)
			if err != nil {
				return err
			}
			actions, err := cloud.Servers().Actions(t.Context(), id)
			if err == nil && !check(server, actions) {
				err = fmt.Errorf("%+v, %+v", server, actions)
			}
			return err
		}
	}
	cloud.Test(t, resource.TestCase{
		TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		Steps: []resource.TestStep{
			{Config: config("first"), Check: has(func(s *nova.Server, _ []nova.InstanceAction) bool {
				return s.Locked && s.LockedReason == "made by a test"
			})},
			{Config: config("second"), Check: has(func(s *nova.Server, actions []nova.InstanceAction) bool {
				return s.Status == nova.Active && actions[0].Action == "reboot"
			})},
		},
	})
}
