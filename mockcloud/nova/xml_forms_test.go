// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// node is any element; its name and those of its attributes have the last part of their namespace before them.
type node struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []node     `xml:",any"`
	Text     string     `xml:",chardata"`
}

// places are the ways to all elements and attributes.
func (n *node) places(above string) []string {
	at := strings.TrimPrefix(above+"/"+place(n.XMLName), "/")
	all := []string{at}
	for _, a := range n.Attrs {
		if a.Name.Space != "xmlns" && a.Name.Local != "xmlns" {
			all = append(all, at+"@"+place(a.Name)+"="+a.Value)
		}
	}
	if n.Text != "" {
		all = append(all, at+"="+n.Text)
	}
	for i := range n.Children {
		all = append(all, n.Children[i].places(at)...)
	}
	return all
}

// place is a name as short as it can be: {common}limits.
func place(name xml.Name) string {
	space := strings.TrimPrefix(strings.TrimPrefix(name.Space, "http://docs.openstack.org/"), "compute/ext/")
	if space == "" || space == "compute/api/v1.1" {
		return name.Local
	}
	space, _, _ = strings.Cut(space, "/")
	return "{" + space + "}" + name.Local
}

// TestXMLForms holds what deviates from the rules: which scalars are elements, what items and maps are.
func TestXMLForms(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	u := cloud.admin
	id := func(path, name string, body object) string {
		return text(t, u.nova(t, 1, http.MethodPost, path, object{name: body}).object(t, http.StatusOK), name, "id")
	}
	made := u.nova(t, 1, http.MethodPost, "/os-aggregates", object{"aggregate": object{"name": "racks"}}).object(t, http.StatusOK)
	if made["aggregate"] == nil {
		t.Fatal(made)
	}
	u.nova(t, 1, http.MethodPost, "/os-aggregates/1/action", object{"add_host": object{"host": "compute-1"}}).object(t, http.StatusOK)
	u.nova(t, 1, http.MethodPost, "/os-aggregates/1/action", object{"set_metadata": object{"metadata": object{"ssd": "true"}}}).object(t, http.StatusOK)
	u.nova(t, 1, http.MethodPost, "/flavors/42/os-extra_specs", object{"extra_specs": object{"hw:numa_nodes": "1", "plain": "2"}}).object(t, http.StatusOK)
	u.nova(t, 1, http.MethodPost, "/os-keypairs", object{"keypair": object{"name": "k"}}).object(t, http.StatusOK)
	group := id("/os-security-groups", "security_group", object{"name": "web", "description": "the web's"})
	id("/os-security-group-rules", "security_group_rule", object{
		"parent_group_id": group, "ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr": "10.0.0.0/8",
	})
	crowd := id("/os-server-groups", "server_group", object{"name": "crowd", "policies": []string{"affinity"}})
	server := u.boot(t, "web", object{"networks": []object{{"uuid": cloud.network}}})
	action := u.nova(t, 1, http.MethodGet, "/servers/"+server+"/os-instance-actions", nil).object(t, http.StatusOK)["instanceActions"].([]any)[0].(object)["request_id"].(string)
	for path, wanted := range map[string][]string{
		"/os-aggregates/1":                                      {"aggregate/name=racks", "aggregate/availability_zone=None", "aggregate/deleted=False", "aggregate/hosts/host=compute-1", "aggregate/metadata/ssd=true"},
		"/flavors/42/os-extra_specs":                            {"extra_specs/{hw}numa_nodes=1", "extra_specs/plain=2"},
		"/flavors/42/os-extra_specs/hw:numa_nodes":              {"extra_spec@key=hw:numa_nodes", "extra_spec=1"},
		"/os-keypairs":                                          {"keypairs/keypair/name=k"},
		"/os-keypairs/k":                                        {"keypair/name=k", "keypair/deleted=False", "keypair/deleted_at=None"},
		"/os-security-groups/" + group:                          {"security_group@name=web", "security_group/description=the web's", "security_group/rules/rule/ip_protocol=tcp", "security_group/rules/rule/ip_range/cidr=10.0.0.0/8", "security_group/rules/rule@parent_group_id=" + group},
		"/os-server-groups/" + crowd:                            {"server_group@name=crowd", "server_group/policies/policy=affinity", "server_group/members", "server_group/metadata"},
		"/os-quota-sets/" + u.project:                           {"quota_set@id=" + u.project, "quota_set/metadata_items=128"},
		"/os-hypervisors/detail":                                {"hypervisors/hypervisor@vcpus_used=0", "hypervisors/hypervisor/service@host=compute-2"},
		"/os-hypervisors/compute-1/servers":                     {"hypervisors/hypervisor@hypervisor_hostname=compute-1"},
		"/os-availability-zone/detail":                          {"availabilityZones/availabilityZone@name=nova", "availabilityZones/availabilityZone/zoneState@available=True", "availabilityZones/availabilityZone/hosts/host@name=compute-1", "availabilityZones/availabilityZone/hosts/host/services/service/serviceState@active=True"},
		"/os-hosts/compute-1":                                   {"host/resource/project=(total)", "host/resource/host=compute-1"},
		"/os-hosts":                                             {"hosts/host@host_name=compute-1", "hosts/host@zone=nova"},
		"/limits":                                               {"{common}limits/{common}rates", "{common}limits/{common}absolute/{common}limit@name=maxServerMeta"},
		"/servers/" + server + "/ips/private":                   {"network@id=private", "network/ip@version=4"},
		"/servers/" + server + "/diagnostics":                   {"diagnostics/vda_errors=0"},
		"/servers/" + server + "/os-interface":                  {"interfaceAttachments/interfaceAttachment/port_state=ACTIVE", "interfaceAttachments/interfaceAttachment/fixed_ips/fixed_ip/ip_address"},
		"/servers/" + server + "/os-instance-actions/" + action: {"instanceAction@action=create", "instanceAction/events@result=Success"},
		"/extensions/OS-DCF":                                    {"{common}extension@alias=OS-DCF", "{common}extension/{common}description=Disk Management Extension."},
		"/os-simple-tenant-usage?start=2020-01-01T00:00:00&end=2100-01-01T00:00:00": {"tenant_usages/tenant_usage/tenant_id=" + u.project, "tenant_usages/tenant_usage/server_usages"},
		"/servers/" + server + "/os-volume_attachments":                             {"volumeAttachments"},
	} {
		var root node
		got := u.xml(t, http.MethodGet, "/v2/"+u.project+path, http.StatusOK, nil, &root)
		places := root.places("")
		for _, want := range wanted {
			if !slices.Contains(places, want) {
				t.Errorf("%s has no %s: %s", path, want, got.body)
			}
		}
	}
}
