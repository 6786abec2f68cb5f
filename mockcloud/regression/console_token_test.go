// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// The token of a console stands in the path by which proxies ask what it is for; the trace of requests does not
// show it.
func TestConsoleTokenIsNotTraced(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	admin := login(t, cloud, "admin")
	id := admin.create(`{"server": {"name": "s", "imageRef": "` + admin.image() + `", "flavorRef": "42", "networks": "none"}}`)
	if status := admin.settled(id); status != "ACTIVE" {
		t.Fatalf("the server is %s", status)
	}
	_, answer := admin.ask(http.MethodPost, "/compute/v2.1/servers/"+id+"/remote-consoles", `{"remote_console": {"protocol": "vnc", "type": "novnc"}}`)
	console, _ := answer["remote_console"].(map[string]any)["url"].(string)
	plain, err := url.QueryUnescape(console)
	_, token, found := strings.Cut(plain, "token=")
	if err != nil || !found || token == "" {
		t.Fatalf("the console's URL is %q, %v", console, err)
	}
	if _, answer := admin.ask(http.MethodGet, "/compute/v2.1/os-console-auth-tokens/"+token, ""); answer["console"] == nil {
		t.Fatalf("the token is for %v", answer)
	}
	entries, _ := cloud.Trace().After(0, 1000)
	seen := false
	for _, request := range entries {
		seen = seen || strings.HasSuffix(request.Path, "/os-console-auth-tokens/{id}")
		if strings.Contains(request.Path+request.Query, token) {
			t.Errorf("the trace shows the token: %s", request.Path)
		}
	}
	if !seen {
		t.Error("the trace does not show the request")
	}
}
