// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// A simulated server's SPICE turns its viewer away, and with that the viewer's session is over: its token is good for
// no channel of it.
func TestSPICEConsole(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	id := cloud.demo.boot(t, "seen", nil)
	made := cloud.demo.nova(t, 8, http.MethodPost, "/servers/"+id+"/remote-consoles",
		object{"remote_console": object{"protocol": "spice", "type": "spice-html5"}}).object(t, http.StatusOK)
	page := text(t, made, "remote_console", "url")
	base, _, found := strings.Cut(page, "/console/spice_auto.html?token=")
	if !found {
		t.Fatalf("the console is at %s", page)
	}
	token := tokenOf(t, page)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// SpiceLinkHeader of protocol 2.2, and SpiceLinkMess of the session and the channel that are asked for.
	answer := func(session, channel string) ([]byte, error) {
		ws, _, err := websocket.Dial(ctx, base+"/console/?token="+token, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = ws.CloseNow() }()
		hello := "REDQ\x02\x00\x00\x00\x02\x00\x00\x00\x12\x00\x00\x00" + session + channel + strings.Repeat("\x00", 9) + "\x12\x00\x00\x00"
		if err := ws.Write(ctx, websocket.MessageBinary, []byte(hello)); err != nil {
			t.Fatal(err)
		}
		_, said, err := ws.Read(ctx)
		return said, err
	}
	const asks, main, inputs = "\x00\x00\x00\x00", "\x01", "\x03"
	said, err := answer(asks, main)
	if err != nil || len(said) < 20 || string(said[:4]) != "REDQ" || said[16] != 9 { // SPICE_LINK_ERR_CHANNEL_NOT_AVAILABLE
		t.Fatalf("SPICE answers %q, %v", said, err)
	}
	if got := cloud.admin.nova(t, 31, http.MethodGet, "/os-console-auth-tokens/"+token, nil); got.status != http.StatusNotFound {
		t.Errorf("a token that was used is known: %d %s", got.status, got.body)
	}
	// That the viewer is gone, the proxy may notice a little later.
	for err == nil {
		_, err = answer("\x01\x00\x00\x00", inputs)
	}
	if ctx.Err() != nil {
		t.Error("the token outlives its session")
	}
}
