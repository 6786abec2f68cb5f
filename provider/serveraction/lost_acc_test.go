// SPDX-License-Identifier: MPL-2.0

package serveraction_test

import (
	"fmt"
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
			lose := func(action string) { s.mock.Lose(t, "POST /servers/{id}/action "+action, after) }
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

// TestAccServerActionsBroken: with a tenth of all requests going wrong, each action is done, and no more than once.
func TestAccServerActionsBroken(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := open(t, nil)
			from := s.server().Host
			s.Target = s.Hurried()
			mend := s.mock.Break(t, seed)
			s.does("nova_server_create_image", object{"name": text("once")})
			s.does("nova_server_stop", nil)
			s.does("nova_server_migrate", nil)
			s.does("nova_server_start", nil)
			s.does("nova_server_reboot", object{"type": text("hard")})
			s.does("nova_server_rebuild", object{"name": text("rebuilt")})
			s.does("nova_server_live_migrate", nil)
			mend()
			s.in(nova.Active)
			s.on(from)
			for _, record := range []string{"createImage", "stop", "migrate", "confirmResize", "start", "reboot", "rebuild", "live-migration"} {
				if n := s.requests(record); n != 1 {
					t.Errorf("Nova recorded %q %d times", record, n)
				}
			}
			if all := s.named("once"); len(all) != 1 || s.server().Name != "rebuilt" {
				t.Errorf("there are %d images, and the server is %q", len(all), s.server().Name)
			}
		})
	}
}
