// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Of many who come at once with the same console token, or with a password for the same server, one is served.
func TestOnceAtOnce(t *testing.T) {
	t.Parallel()
	c := start(t)
	id := c.active(t).ID
	token, err := c.OpenConsole(t.Context(), id, "novnc", "get_vnc_console")
	if err != nil {
		t.Fatal(err)
	}
	var consoles, passwords atomic.Int32
	var all sync.WaitGroup
	begin := make(chan struct{})
	for n := range 16 {
		all.Go(func() {
			<-begin
			switch _, err := c.UseConsole(t.Context(), token); {
			case err == nil:
				consoles.Add(1)
			case compute.KindOf(err) != compute.NotFound:
				t.Error(err)
			}
			switch taken, err := c.TakePassword(t.Context(), id, strconv.Itoa(n)); {
			case err != nil:
				t.Error(err)
			case taken:
				passwords.Add(1)
			}
		})
	}
	close(begin)
	all.Wait()
	if consoles.Load() != 1 || passwords.Load() != 1 {
		t.Errorf("%d consoles, %d passwords", consoles.Load(), passwords.Load())
	}
}
