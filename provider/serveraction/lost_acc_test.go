// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
)

// TestAccServerActionsLost: a request whose answer got lost is done once, whether the work was done or not.
func TestAccServerActionsLost(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{true, false} {
		t.Run(map[bool]string{true: "done", false: "not done"}[after], func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			lose := func(action string) { s.Lose(t, "POST /servers/{id}/action "+action, after) }
			lose("reboot")
			s.does("nova_server_reboot", object{"type": text("hard")})
			lose("createImage")
			s.does("nova_server_create_image", object{"name": text("once")})
			lose("os-migrateLive")
			s.does("nova_server_live_migrate", nil)
			lose("migrate")
			lose("confirmResize")
			s.does("nova_server_migrate", nil)
			lose("lock")
			s.does("nova_server_lock", nil)
			lose("os-stop")
			s.does("nova_server_stop", nil)
			s.in(nova.Shutoff)
			for _, record := range []string{"reboot", "createImage", "live-migration", "migrate", "confirmResize", "stop"} {
				if n := s.requests(record); n != 1 {
					t.Errorf("Nova recorded %q %d times", record, n)
				}
			}
			if all := s.named("once"); len(all) != 1 {
				t.Errorf("there are %d images", len(all))
			}
		})
	}
}
