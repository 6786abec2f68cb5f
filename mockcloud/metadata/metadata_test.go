// SPDX-License-Identifier: MPL-2.0

package metadata_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/metadata"
)

// web is an instance that has something of everything.
func web() metadata.Instance {
	vlan := 1000
	return metadata.Instance{
		UUID: "b65cee2f-8c69-4aeb-be2f-f79742548fc2", Name: "web <1>", Hostname: "web-1.novalocal",
		ProjectID: "6f70656e737461636b20342065766572", AvailabilityZone: "nova", LaunchIndex: 2,
		Key:           metadata.Key{Name: "mine", Type: "ssh", PublicKey: "ssh-ed25519 AAAA me"},
		Meta:          map[string]string{"role": "web"},
		UserData:      []byte("#!/bin/sh\n"),
		DedicatedCPUs: []int{3, 1},
		Devices: []metadata.Device{
			{Type: "nic", Bus: "pci", Address: "0000:00:02.0", MAC: "fa:16:3e:00:00:05", Tags: []string{"front"}},
			{Type: "nic", Bus: "pci", Address: "0000:80:01.0", MAC: "fa:16:3e:00:00:06", VLAN: &vlan},
			{Type: "nic", Bus: "pci", Address: "0000:80:02.0", MAC: "fa:16:3e:00:00:07", VFTrusted: true},
			{Type: "disk", Bus: "scsi", Address: "1:0:2:0", Serial: "disk-vol-2352423", Path: "/dev/sda", Tags: []string{"data"}},
			{Type: "share", ShareID: "ca3c176e-fd5a-438b-b595-e18a358f6909", Tag: "share-tag"},
		},
		RandomSeed: []byte("seed"),
		AdminPass:  "secret",
		Files:      []metadata.File{{Path: "/etc/one", Content: []byte("1")}, {Path: "/etc/two", Content: []byte("2")}},
		VendorData: json.RawMessage(`{"motd":"hello"}`),
		DynamicVendorData: map[string]json.RawMessage{
			"join": json.RawMessage(`{"token":7}`), "static": json.RawMessage(`"usurper"`),
		},
		EC2: metadata.EC2{
			InstanceID: metadata.EC2ID("i", 26), ImageID: metadata.EC2ID("ami", 1), ReservationID: "r-fj8s0dh2",
			FlavorName: "m1.tiny", SecurityGroups: []string{"default", "web"},
			FixedIP: netip.MustParseAddr("10.0.0.5"), FloatingIP: netip.MustParseAddr("192.0.2.5"),
			RootDevice: "/dev/vda", Ephemerals: []string{"/dev/vdb"}, Swap: "/dev/vdc", Volumes: []string{"/dev/vde", "/dev/vdd"},
		},
	}
}

func decode(t *testing.T, content []byte) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(content, &v); err != nil {
		t.Fatalf("%v in %s", err, content)
	}
	return v
}

// equal compares v, as JSON, with what JSON says.
func equal(t *testing.T, what string, v any, want string) {
	t.Helper()
	var wanted, got any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	content, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, wanted) {
		t.Errorf("%s:\n got %s\nwant %s", what, content, want)
	}
}

// versions are what each version of the OpenStack form brought: files of a config drive, and keys of its
// meta_data.json.
var versions = []struct{ name, files, keys string }{
	{"2012-08-10", "meta_data.json user_data", "admin_pass availability_zone files hostname keys launch_index meta name public_keys uuid"},
	{"2013-04-04", "", "random_seed"},
	{"2013-10-17", "vendor_data.json", ""},
	{"2015-10-15", "network_data.json", "project_id"},
	{"2016-06-30", "", "devices"},
	{"2016-10-06", "vendor_data2.json", ""},
	{"2017-02-22", "", ""},
	{"2018-08-27", "", ""},
	{"2020-10-14", "", "dedicated_cpus"},
	{"2025-04-04", "", ""},
	{"latest", "", ""},
}

func TestConfigDrive(t *testing.T) {
	t.Parallel()
	drive := metadata.Files(web())
	want := []string{
		"ec2/2009-04-04/meta-data.json", "ec2/2009-04-04/user-data", "ec2/latest/meta-data.json", "ec2/latest/user-data",
		"openstack/content/0000", "openstack/content/0001",
	}
	var files, keys []string
	for _, v := range versions {
		files, keys = append(files, strings.Fields(v.files)...), append(keys, strings.Fields(v.keys)...)
		for _, f := range files {
			want = append(want, "openstack/"+v.name+"/"+f)
		}
		m := decode(t, drive["openstack/"+v.name+"/meta_data.json"])
		if got := slices.Sorted(maps.Keys(m)); !slices.Equal(got, slices.Sorted(slices.Values(keys))) {
			t.Errorf("%s/meta_data.json has %v, want %v", v.name, got, keys)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(drive)); !slices.Equal(got, want) {
		t.Errorf("the drive has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for path, want := range map[string]string{
		"openstack/latest/user_data": "#!/bin/sh\n", "ec2/latest/user-data": "#!/bin/sh\n", "openstack/content/0001": "2",
		"openstack/latest/vendor_data.json":  `{"motd":"hello"}`,
		"openstack/latest/vendor_data2.json": `{"join":{"token":7},"static":{"motd":"hello"}}`,
		"openstack/latest/network_data.json": `{}`,
	} {
		if got := string(drive[path]); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

func TestMetaData(t *testing.T) {
	t.Parallel()
	drive := metadata.Files(web())
	m := decode(t, drive["openstack/latest/meta_data.json"])
	delete(m, "devices")
	equal(t, "meta_data.json", m, `{
		"uuid": "b65cee2f-8c69-4aeb-be2f-f79742548fc2", "name": "web <1>", "hostname": "web-1.novalocal",
		"project_id": "6f70656e737461636b20342065766572", "availability_zone": "nova", "launch_index": 2,
		"meta": {"role": "web"}, "admin_pass": "secret", "random_seed": "c2VlZA==", "dedicated_cpus": [1, 3],
		"public_keys": {"mine": "ssh-ed25519 AAAA me"},
		"keys": [{"name": "mine", "type": "ssh", "data": "ssh-ed25519 AAAA me"}],
		"files": [{"path": "/etc/one", "content_path": "/content/0000"}, {"path": "/etc/two", "content_path": "/content/0001"}]
	}`)
	if !strings.Contains(string(drive["openstack/latest/meta_data.json"]), "web <1>") {
		t.Error("a name is escaped beyond need")
	}
	bare := decode(t, metadata.Files(metadata.Instance{UUID: "u"})["openstack/latest/meta_data.json"])
	seed, err := base64.StdEncoding.DecodeString(bare["random_seed"].(string))
	if err != nil || len(seed) != 512 {
		t.Errorf("seed of %d bytes, %v", len(seed), err)
	}
	delete(bare, "random_seed")
	equal(t, "meta_data.json of a bare instance", bare, `{
		"uuid": "u", "name": "", "hostname": "", "project_id": "", "availability_zone": "", "launch_index": 0,
		"devices": [], "dedicated_cpus": []
	}`)
}

func TestDevices(t *testing.T) {
	t.Parallel()
	const disk = `{"type":"disk","bus":"scsi","address":"1:0:2:0","serial":"disk-vol-2352423","path":"/dev/sda","tags":["data"]}`
	const share = `{"type":"share","bus":"none","address":"none","share_id":"ca3c176e-fd5a-438b-b595-e18a358f6909","tag":"share-tag"}`
	const plain = `{"type":"nic","bus":"pci","address":"0000:00:02.0","mac":"fa:16:3e:00:00:05","tags":["front"]}`
	const trusted = `
		{"type":"nic","bus":"pci","address":"0000:00:02.0","mac":"fa:16:3e:00:00:05","tags":["front"],"vf_trusted":false},
		{"type":"nic","bus":"pci","address":"0000:80:01.0","mac":"fa:16:3e:00:00:06","vlan":1000,"vf_trusted":false},
		{"type":"nic","bus":"pci","address":"0000:80:02.0","mac":"fa:16:3e:00:00:07","vf_trusted":true}`
	drive := metadata.Files(web())
	for version, want := range map[string]string{
		"2016-06-30": plain + "," + disk,
		"2017-02-22": plain + `,{"type":"nic","bus":"pci","address":"0000:80:01.0","mac":"fa:16:3e:00:00:06","vlan":1000},` + disk,
		"2018-08-27": trusted + "," + disk,
		"2025-04-04": trusted + "," + disk + "," + share,
	} {
		equal(t, version, decode(t, drive["openstack/"+version+"/meta_data.json"])["devices"], "["+want+"]")
	}
}

func TestNetworkData(t *testing.T) {
	t.Parallel()
	addr, prefix := netip.MustParseAddr, netip.MustParsePrefix
	vif := func(change func(*metadata.VIF)) []metadata.VIF {
		v := metadata.VIF{
			ID: "port-1", DevName: "tapport-1", Type: "ovs", MAC: "fa:16:3e:00:00:05", NetworkID: "net-1", MTU: 1450,
			Subnets: []metadata.Subnet{{
				CIDR: prefix("10.0.0.0/22"), Addresses: []netip.Addr{addr("10.0.0.5")}, Gateway: addr("10.0.0.1"),
				DNS:    []netip.Addr{addr("192.0.2.53")},
				Routes: []metadata.Route{{Destination: prefix("198.51.100.0/24"), NextHop: addr("10.0.0.9")}},
			}},
		}
		change(&v)
		return []metadata.VIF{v}
	}
	const link = `"links": [{"id":"tapport-1","vif_id":"port-1","type":"ovs","mtu":1450,"ethernet_mac_address":"fa:16:3e:00:00:05"}]`
	const dns = `[{"type":"dns","address":"192.0.2.53"}]`
	const static = `{"id":"network0","type":"ipv4","link":"tapport-1","network_id":"net-1","ip_address":"10.0.0.5",
		"netmask":"255.255.252.0","services":` + dns + `,"routes":[
		{"network":"0.0.0.0","netmask":"0.0.0.0","gateway":"10.0.0.1"},
		{"network":"198.51.100.0","netmask":"255.255.255.0","gateway":"10.0.0.9"}]}`
	const dhcp = `{"id":"network0","type":"ipv4_dhcp","link":"tapport-1","network_id":"net-1"}`
	six := metadata.Subnet{
		CIDR: prefix("fd00::/64"), Addresses: []netip.Addr{addr("fd00::5")}, Gateway: addr("fd00::1"), IPv6AddressMode: "slaac",
		DNS: []netip.Addr{addr("192.0.2.53"), addr("fd00::53")}, DHCP: true,
	}
	for what, c := range map[string]struct {
		vifs []metadata.VIF
		want string
	}{
		"no NIC":    {nil, `{}`},
		"no subnet": {vif(func(v *metadata.VIF) { v.Subnets = nil }), `{"links":[],"networks":[],"services":[]}`},
		"static":    {vif(func(*metadata.VIF) {}), `{` + link + `,"networks":[` + static + `],"services":` + dns + `}`},
		"DHCP without a port": {
			vif(func(v *metadata.VIF) { v.Subnets[0].DHCP = true }),
			`{` + link + `,"networks":[` + dhcp + `],"services":` + dns + `}`,
		},
		"DHCP by a port": {
			vif(func(v *metadata.VIF) { v.Subnets[0].DHCPServer = addr("10.0.0.2") }),
			`{` + strings.Replace(link, "1450", "null", 1) + `,"networks":[` + dhcp + `],"services":` + dns + `}`,
		},
		"another type of VIF, without a name": {
			vif(func(v *metadata.VIF) { v.Type, v.DevName, v.MTU, v.Subnets[0].Addresses = "binding_failed", "", 0, nil }),
			`{"links":[{"id":"interface0","vif_id":"port-1","type":"phy","mtu":null,"ethernet_mac_address":"fa:16:3e:00:00:05"}],
			"networks":[],"services":[]}`,
		},
		"both IP versions": {
			vif(func(v *metadata.VIF) { v.Subnets = append(v.Subnets, v.Subnets[0], six) }),
			`{` + link + `,"networks":[` + static + `,{"id":"network1","type":"ipv6_slaac","link":"tapport-1",
			"network_id":"net-1","ip_address":"fd00::5","netmask":"ffff:ffff:ffff:ffff::",
			"services":[{"type":"dns","address":"192.0.2.53"},{"type":"dns","address":"fd00::53"}],
			"routes":[{"network":"::","netmask":"::","gateway":"fd00::1"}]}],
			"services":[{"type":"dns","address":"192.0.2.53"},{"type":"dns","address":"fd00::53"}]}`,
		},
	} {
		i := web()
		i.VIFs = c.vifs
		equal(t, what, decode(t, metadata.Files(i)["openstack/latest/network_data.json"]), c.want)
	}
}

func TestEC2Drive(t *testing.T) {
	t.Parallel()
	equal(t, "meta-data.json", decode(t, metadata.Files(web())["ec2/latest/meta-data.json"]), `{
		"ami-id": "ami-00000001", "ami-launch-index": 2, "ami-manifest-path": "FIXME", "instance-id": "i-0000001a",
		"hostname": "web-1.novalocal", "local-hostname": "web-1.novalocal", "public-hostname": "web-1.novalocal",
		"local-ipv4": "10.0.0.5", "public-ipv4": "192.0.2.5", "reservation-id": "r-fj8s0dh2",
		"security-groups": ["default", "web"], "instance-type": "m1.tiny", "instance-action": "none",
		"public-keys": {"0": {"_name": "0=mine", "openssh-key": "ssh-ed25519 AAAA me"}},
		"block-device-mapping": {"ami": "vda", "root": "/dev/vda", "ephemeral0": "/dev/vdb", "swap": "/dev/vdc",
			"ebs0": "/dev/vdd", "ebs1": "/dev/vde"},
		"placement": {"availability-zone": "nova"}
	}`)
}

func TestVendorDataThatIsNoJSON(t *testing.T) {
	t.Parallel()
	i := web()
	i.VendorData = json.RawMessage("{")
	drive := metadata.Files(i)
	if got := string(drive["openstack/latest/vendor_data.json"]); got != "{}" {
		t.Errorf("vendor_data.json: %s", got)
	}
	decode(t, drive["openstack/latest/meta_data.json"])
}
