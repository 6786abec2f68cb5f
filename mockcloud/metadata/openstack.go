// SPDX-License-Identifier: MPL-2.0

package metadata

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
)

const seedSize = 512 // bytes

// document is one file below /openstack/{version}/.
type document struct {
	name  string
	since string
	json  bool // as the service labels it: network_data.json goes as text
	early bool // the service answers older versions too, though it does not list it
	// render is nil for the password, which is no file. false: this instance has none.
	render func(i *Instance, version string) ([]byte, bool)
}

// documents are in the order of Nova's listing.
var documents = []document{
	{name: "meta_data.json", since: folsom, json: true, render: func(i *Instance, v string) ([]byte, bool) {
		return encode(i.metaData(v)), true
	}},
	{name: "user_data", since: folsom, render: func(i *Instance, _ string) ([]byte, bool) {
		return i.UserData, i.UserData != nil
	}},
	{name: "password", since: grizzly},
	{name: "vendor_data.json", since: havana, json: true, render: func(i *Instance, _ string) ([]byte, bool) {
		return encode(i.vendorData()), true
	}},
	{name: "network_data.json", since: liberty, early: true, render: func(i *Instance, _ string) ([]byte, bool) {
		return encode(i.networkData()), true
	}},
	{name: "vendor_data2.json", since: newtonTwo, json: true, render: func(i *Instance, _ string) ([]byte, bool) {
		return encode(i.vendorData2()), true
	}},
}

// has tells whether version of i's metadata lists the document.
func (d document) has(i *Instance, version string) bool {
	return since(d.since, version) && (d.name != "user_data" || i.UserData != nil)
}

// list is what /openstack/{version} answers.
func (i *Instance) list(version string) []string {
	var names []string
	for _, d := range documents {
		if d.has(i, version) {
			names = append(names, d.name)
		}
	}
	return names
}

// metaData is meta_data.json.
func (i *Instance) metaData(version string) map[string]any {
	m := map[string]any{
		"uuid":              i.UUID,
		"hostname":          i.Hostname,
		"name":              i.Name,
		"launch_index":      i.LaunchIndex,
		"availability_zone": i.AvailabilityZone,
	}
	if len(i.Meta) > 0 {
		m["meta"] = i.Meta
	}
	if i.AdminPass != "" {
		m["admin_pass"] = i.AdminPass
	}
	if len(i.Files) > 0 {
		m["files"] = i.fileList()
	}
	if k := i.Key; k.Name != "" {
		m["public_keys"] = map[string]string{k.Name: k.PublicKey}
		m["keys"] = []map[string]string{{"name": k.Name, "type": k.Type, "data": k.PublicKey}}
	}
	for _, late := range []struct {
		since, name string
		value       func() any
	}{
		{grizzly, "random_seed", func() any { return base64.StdEncoding.EncodeToString(i.seed()) }},
		{liberty, "project_id", func() any { return i.ProjectID }},
		{newtonOne, "devices", func() any { return i.devices(version) }},
		{victoria, "dedicated_cpus", func() any { return sorted(i.DedicatedCPUs) }},
	} {
		if since(late.since, version) {
			m[late.name] = late.value()
		}
	}
	return m
}

// sorted is a sorted copy, [] rather than null when empty.
func sorted(list []int) []int {
	list = append([]int{}, list...)
	slices.Sort(list)
	return list
}

func (i *Instance) seed() []byte {
	if i.RandomSeed != nil {
		return i.RandomSeed
	}
	seed := make([]byte, seedSize)
	_, _ = rand.Read(seed) // never fails
	return seed
}

// fileList says where each personality file is and where its content is.
func (i *Instance) fileList() []map[string]string {
	list := make([]map[string]string, len(i.Files))
	for n, f := range i.Files {
		list[n] = map[string]string{"path": f.Path, "content_path": "/content/" + contentName(n)}
	}
	return list
}

func contentName(n int) string { return fmt.Sprintf("%04d", n) }

// devices are those that the version can tell of.
func (i *Instance) devices(version string) []map[string]any {
	list := []map[string]any{}
	for _, d := range i.Devices {
		if m := d.render(version); m != nil {
			m["bus"], m["address"] = orNone(d.Bus), orNone(d.Address)
			if d.Tags != nil {
				m["tags"] = d.Tags
			}
			list = append(list, m)
		}
	}
	return list
}

// render is what differs by type; nil when there is nothing to tell at this version.
func (d Device) render(version string) map[string]any {
	m := map[string]any{"type": d.Type}
	switch {
	case d.Type == "nic":
		vlan, trust := d.VLAN != nil && since(ocata, version), since(rocky, version)
		if d.Tags == nil && !vlan && !trust {
			return nil
		}
		m["mac"] = d.MAC
		if vlan {
			m["vlan"] = *d.VLAN
		}
		if trust {
			m["vf_trusted"] = d.VFTrusted
		}
	case d.Type == "disk":
		if d.Serial != "" {
			m["serial"] = d.Serial
		}
		if d.Path != "" {
			m["path"] = d.Path
		}
	case d.Type == "share" && since(epoxy, version):
		m["share_id"], m["tag"] = d.ShareID, d.Tag
	default:
		return nil
	}
	return m
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

func (i *Instance) vendorData() any {
	if i.VendorData == nil {
		return struct{}{}
	}
	return i.VendorData
}

// vendorData2 has the static data under its own name beside the dynamic; nothing dynamic replaces it.
func (i *Instance) vendorData2() any {
	all := make(map[string]any, len(i.DynamicVendorData)+1)
	for name, data := range i.DynamicVendorData {
		all[name] = data
	}
	all["static"] = i.vendorData()
	return all
}

// encode is v as JSON, with <, > and & as they are. What it is given here always encodes, but for
// vendor data that is no JSON, which is shown as empty.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("{}")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
