// SPDX-License-Identifier: MPL-2.0

package regression

import (
	"net/http"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
)

// A token without a project has no servers. It was taken for one that may see all projects', and led to
// any guest's ports.
func TestConnectWithoutProject(t *testing.T) {
	t.Parallel()
	cloud := cloudtest.Start(t)
	owner, other := login(t, cloud, "admin"), &client{t: t, url: cloud.URL}
	id := owner.create(`{"server": {"name": "s", "imageRef": "` + owner.image() + `", "flavorRef": "42", "networks": "none"}}`)
	owner.settled(id)
	header, _ := other.ask(http.MethodPost, "/identity/v3/auth/tokens", `{"auth": {"scope": "unscoped", "identity": {"methods": ["password"],
		"password": {"user": {"name": "demo", "domain": {"id": "default"}, "password": "`+cloud.Password("demo")+`"}}}}}`)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, cloud.URL+"/mock/v1/connect?port=22&server="+id, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header = http.Header{"X-Auth-Token": header["X-Subject-Token"], "Connection": {"Upgrade"}, "Upgrade": {"tcp"}}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("an unscoped token gets %s, %s", answer.Status, strings.Join(answer.Header["Content-Type"], ""))
	}
}
