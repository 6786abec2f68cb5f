// SPDX-License-Identifier: MPL-2.0

package mockcloud_test

import (
	"bytes"
	"image/png"
	"io"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2/openstack/compute/v2/servers"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// Whose server it is may look at its screen while it is on, and nobody else.
func TestScreenshot(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	user := login(t, cloud)
	id := user.server("seen").ID
	shot := func(path, token string) (int, []byte) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, cloud.URL+"/mock/v1/servers/"+path, http.NoBody)
		must(t, err)
		request.Header.Set("X-Auth-Token", token)
		answer, err := http.DefaultClient.Do(request)
		must(t, err)
		defer answer.Body.Close()
		content, err := io.ReadAll(answer.Body)
		must(t, err)
		return answer.StatusCode, content
	}
	token := user.compute.Token()
	status, content := shot(id+"/screenshot", token)
	if screen, err := png.Decode(bytes.NewReader(content)); status != http.StatusOK || err != nil || screen.Bounds().Empty() {
		t.Errorf("the screenshot is %d, %v: %.60q", status, err, content)
	}
	if status, content := shot("no-server/screenshot", token); status != http.StatusNotFound {
		t.Errorf("of no server: %d %s", status, content)
	}
	if status, content := shot(id+"/screenshot", ""); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d %s", status, content)
	}
	must(t, servers.Stop(t.Context(), user.compute, id).ExtractErr())
	until(t, cloud, "instance.power_off.end")
	if status, content := shot(id+"/screenshot", token); status != http.StatusConflict {
		t.Errorf("of a server that is off: %d %s", status, content)
	}
}
