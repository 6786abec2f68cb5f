// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"archive/zip"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// cloudpipe makes the VPN server of a project, "" for the user's own, and returns its id.
func (u *user) cloudpipe(t *testing.T, project string) string {
	t.Helper()
	fields := object{}
	if project != "" {
		fields["project_id"] = project
	}
	return text(t, u.nova(t, 1, http.MethodPost, "/os-cloudpipe", object{"cloudpipe": fields}).object(t, http.StatusOK), "instance_id")
}

// cloudpipes are all VPN servers, by project.
func (u *user) cloudpipes(t *testing.T) map[string]object {
	t.Helper()
	of := map[string]object{}
	for _, item := range u.nova(t, 1, http.MethodGet, "/os-cloudpipe", nil).object(t, http.StatusOK)["cloudpipes"].([]any) {
		pipe := item.(object)
		of[text(t, pipe, "project_id")] = pipe
	}
	return of
}

// A project's VPN is a server like any other of the project's.
func TestCloudpipe(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	demo := cloud.demo.project
	same(t, "at first", len(cloud.admin.cloudpipes(t)), 0)
	id := cloud.admin.cloudpipe(t, demo)
	server := cloud.demo.settled(t, id)
	same(t, "status", server["status"], "ACTIVE")
	same(t, "name", text(t, server, "name"), demo+"-vpn")
	same(t, "user", text(t, server, "user_id"), "project-vpn")
	same(t, "flavor", text(t, server, "flavor", "original_name"), "m1.tiny")
	same(t, "key", text(t, server, "key_name"), demo+"-vpn")
	same(t, "security groups", server["security_groups"], []any{object{"name": demo + "-vpn"}})
	same(t, "again", cloud.admin.cloudpipe(t, demo), id)
	cloud.demo.nova(t, nova.Newest, http.MethodPut, "/servers/"+id, object{"server": object{"name": "gate"}}).object(t, http.StatusOK)
	same(t, "under another name", cloud.admin.cloudpipe(t, demo), id)
	// It is on the project's own network, and not on the one that is shared with it.
	addresses := server["addresses"].(object)
	fixed := text(t, addresses["private"].([]any)[0].(object), "addr")
	if len(addresses) != 1 || strings.HasPrefix(fixed, "10.1.0.") {
		t.Errorf("addresses %v", addresses)
	}

	pipe := cloud.admin.cloudpipes(t)[demo]
	same(t, "internal address", pipe["internal_ip"], any(fixed))
	same(t, "instance", pipe["instance_id"], any(id))
	same(t, "created", pipe["created_at"], server["created"])
	same(t, "before it is configured", []any{pipe["public_ip"], pipe["public_port"], pipe["state"]}, []any{nil, nil, "invalid"})

	rules := map[any]object{}
	groups := cloud.demo.send(t, http.MethodGet, cloud.URL+"/network/v2.0/security-groups?name="+demo+"-vpn", nil, nil).object(t, http.StatusOK)
	for _, item := range groups["security_groups"].([]any)[0].(object)["security_group_rules"].([]any) {
		if rule := item.(object); rule["direction"] == "ingress" {
			rules[rule["protocol"]] = rule
		}
	}
	same(t, "rules", []any{len(rules), rules["udp"]["port_range_min"], rules["udp"]["port_range_max"], rules["icmp"]["remote_ip_prefix"]},
		[]any{2, 1194.0, 1194.0, "0.0.0.0/0"})
	pair := cloud.admin.nova(t, 10, http.MethodGet, "/os-keypairs/"+demo+"-vpn?user_id=project-vpn", nil).object(t, http.StatusOK)
	same(t, "keypair's user", text(t, pair, "keypair", "user_id"), "project-vpn")

	cloud.demo.nova(t, 1, http.MethodDelete, "/servers/"+id, nil).object(t, http.StatusNoContent)
	cloud.demo.gone(t, id)
	same(t, "without it", len(cloud.admin.cloudpipes(t)), 0)
	next := cloud.admin.cloudpipe(t, demo)
	same(t, "is another", next != id, true)
	same(t, "which is made with what the first one left", cloud.demo.settled(t, next)["status"], "ACTIVE")
}

// Administrators say of their own project's networks where the VPN is reached.
func TestCloudpipeConfigures(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	mine, others := cloud.admin.cloudpipe(t, ""), cloud.admin.cloudpipe(t, cloud.demo.project)
	cloud.admin.settled(t, mine)
	cloud.demo.settled(t, others)
	configure := func(path string, fields object) *answer {
		return cloud.admin.nova(t, 1, http.MethodPut, "/os-cloudpipe/"+path, object{"configure_project": fields})
	}
	if got := configure("configure-project", object{"vpn_ip": "192.0.2.1", "vpn_port": "2000"}); got.status != http.StatusAccepted || len(got.body) > 0 {
		t.Fatalf("configure: %d %s", got.status, got.body)
	}
	of := cloud.admin.cloudpipes(t)
	state := func(pipe object) []any { return []any{pipe["public_ip"], pipe["public_port"], pipe["state"]} }
	same(t, "configured", state(of[cloud.admin.project]), []any{"192.0.2.1", 2000.0, "running"})
	same(t, "of another project", state(of[cloud.demo.project]), []any{nil, nil, "invalid"})
	cloud.admin.nova(t, 1, http.MethodPost, "/servers/"+mine+"/action", object{"os-stop": nil})
	cloud.admin.settled(t, mine)
	same(t, "stopped", state(cloud.admin.cloudpipes(t)[cloud.admin.project]), []any{"192.0.2.1", 2000.0, "down"})

	configure("configure", object{"vpn_ip": "192.0.2.1", "vpn_port": 1}).refused(t, 400, "Unknown action configure")
	const invalid = "Invalid input for field/attribute "
	configure("configure-project", object{"vpn_port": 1}).refused(t, 400, invalid+"configure_project. Value: {'vpn_port': 1}. 'vpn_ip' is a required property")
	configure("configure-project", object{"vpn_ip": "here", "vpn_port": 1}).refused(t, 400, invalid+"vpn_ip. Value: here. 'here' is not valid under any of the given schemas")
	configure("configure-project", object{"vpn_ip": "192.0.2.1", "vpn_port": 65536}).refused(t, 400, invalid+"vpn_port. Value: 65536. 65536 is greater than the maximum of 65535")
	create := func(body object) *answer { return cloud.admin.nova(t, 1, http.MethodPost, "/os-cloudpipe", body) }
	create(object{"cloudpipe": object{"project_id": "a b"}}).refused(t, 400, invalid+"project_id. Value: a b. 'a b' does not match '^[a-zA-Z0-9-]*$'")
	create(object{"cloudpipe": object{"project_id": "nobodys"}}).refused(t, 400, "Project ID nobodys is not a valid project.")
	create(object{}).refused(t, 400, "'cloudpipe' is a required property")
	for request, body := range map[string]any{
		"GET ": nil, "POST ": object{"cloudpipe": object{}}, "PUT /configure-project": object{"configure_project": object{"vpn_ip": "192.0.2.1", "vpn_port": 1}},
	} {
		method, path, _ := strings.Cut(request, " ")
		cloud.demo.nova(t, 1, method, "/os-cloudpipe"+path, body).refused(t, 403, "Policy doesn't allow os_compute_api:os-cloudpipe to be performed.")
	}
}

// What the server gets to be a VPN's end: a certificate of the cloud's authority with its key.
func TestCloudpipePayload(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := cloud.admin.settled(t, cloud.admin.cloudpipe(t, ""))
	data := []byte(text(t, server, "OS-EXT-SRV-ATTR:user_data"))
	for range 2 {
		decoded, err := base64.StdEncoding.DecodeString(string(data))
		if err != nil {
			t.Fatal(err)
		}
		data = decoded
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, file := range archive.File {
		content, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[file.Name], err = io.ReadAll(content); err != nil {
			t.Fatal(err)
		}
		same(t, file.Name+" is its owner's alone", file.Mode().Perm()&0o077, 0*file.Mode())
	}
	same(t, "the authority", string(files["ca.crt"]), cloud.demo.root(t))
	root, c := parsed(t, string(files["ca.crt"])), parsed(t, string(files["server.crt"]))
	if err := c.CheckSignatureFrom(root); err != nil {
		t.Error(err)
	}
	same(t, "whose", strings.HasPrefix(c.Subject.CommonName, cloud.admin.project[:16]+"-project-vpn-"), true)
	if _, err := tls.X509KeyPair(files["server.crt"], files["server.key"]); err != nil {
		t.Error(err)
	}
	block, _ := pem.Decode(files["crl.pem"])
	revoked, err := x509.ParseRevocationList(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if err := revoked.CheckSignatureFrom(root); err != nil || len(revoked.RevokedCertificateEntries) > 0 {
		t.Errorf("revoked: %v, %v", revoked.RevokedCertificateEntries, err)
	}
	check := exec.CommandContext(t.Context(), "sh", "-n")
	check.Stdin = bytes.NewReader(files["autorun.sh"])
	if out, err := check.CombinedOutput(); err != nil {
		t.Errorf("autorun.sh: %v: %s", err, out)
	}
}

// However many ask at once, a project has one VPN.
func TestCloudpipeOnce(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	ids := make([]string, 4)
	var asking sync.WaitGroup
	for i := range ids {
		asking.Go(func() { ids[i] = cloud.admin.cloudpipe(t, cloud.demo.project) })
	}
	asking.Wait()
	groups := cloud.demo.send(t, http.MethodGet, cloud.URL+"/network/v2.0/security-groups?name="+cloud.demo.project+"-vpn", nil, nil)
	same(t, "security groups", len(groups.object(t, http.StatusOK)["security_groups"].([]any)), 1)
	id := text(t, cloud.admin.cloudpipes(t)[cloud.demo.project], "instance_id")
	cloud.demo.settled(t, id)
	for range 60000 {
		list := cloud.demo.nova(t, 1, http.MethodGet, "/servers", nil).object(t, http.StatusOK)["servers"].([]any)
		if len(list) == 1 {
			same(t, "the one that is left", list[0].(object)["id"], any(id))
			same(t, "who asks later", cloud.admin.cloudpipe(t, cloud.demo.project), id)
			return
		}
		pause()
	}
	t.Error("there are several")
}
