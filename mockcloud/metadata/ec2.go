// SPDX-License-Identifier: MPL-2.0

package metadata

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// tree is a directory of the EC2 form. Its values are trees, strings, byte slices (user data), ints and
// lists of strings. The value "_name" is no entry, but how the directory itself is listed.
type tree map[string]any

// ec2 is the tree below /{version}.
func (i *Instance) ec2(version string) tree {
	root := tree{"meta-data": i.ec2MetaData(version)}
	if i.UserData != nil {
		root["user-data"] = i.UserData
	}
	return root
}

func (i *Instance) ec2MetaData(version string) tree {
	e := i.EC2
	t := tree{
		"ami-id":               e.ImageID,
		"ami-launch-index":     i.LaunchIndex,
		"ami-manifest-path":    "FIXME", // Nova's very word
		"instance-id":          e.InstanceID,
		"hostname":             i.Hostname,
		"local-ipv4":           addressText(e.FixedIP),
		"reservation-id":       e.ReservationID,
		"security-groups":      append([]string{}, e.SecurityGroups...),
		"public-keys":          i.ec2Keys(),
		"kernel-id":            e.KernelID,
		"ramdisk-id":           e.RamdiskID,
		"local-hostname":       i.Hostname,
		"public-hostname":      i.Hostname,
		"public-ipv4":          addressText(e.FloatingIP),
		"instance-type":        e.FlavorName,
		"block-device-mapping": e.mapping(),
		"placement":            tree{"availability-zone": i.AvailabilityZone},
		"instance-action":      "none",
	}
	maps.DeleteFunc(t, func(name string, value any) bool {
		optional := name == "kernel-id" || name == "ramdisk-id"
		return !since(ec2Since[name], version) || optional && value == "" || name == "public-keys" && i.Key.Name == ""
	})
	return t
}

// ec2Since is the version that brought an item; absent: all have it.
var ec2Since = map[string]string{
	"local-hostname":       ec2Hostnames,
	"public-hostname":      ec2Hostnames,
	"public-ipv4":          ec2Hostnames,
	"instance-type":        ec2InstanceType,
	"block-device-mapping": ec2BlockDevices,
	"kernel-id":            ec2BlockDevices,
	"ramdisk-id":           ec2BlockDevices,
	"placement":            ec2Placement,
	"instance-action":      ec2Action,
}

// ec2Keys is public-keys/, which lists the key as "0=name" and has it in 0/openssh-key.
func (i *Instance) ec2Keys() tree {
	return tree{"0": tree{"_name": "0=" + i.Key.Name, "openssh-key": i.Key.PublicKey}}
}

// mapping is block-device-mapping/.
func (e EC2) mapping() tree {
	if e.RootDevice == "" {
		return tree{"ami": "sda1", "ephemeral0": "sda2", "root": "/dev/sda1", "swap": "sda3"}
	}
	t := tree{"ami": strings.TrimPrefix(e.RootDevice, "/dev/"), "root": e.RootDevice}
	if e.Swap != "" {
		t["swap"] = e.Swap
	}
	for n, device := range e.Ephemerals {
		t["ephemeral"+strconv.Itoa(n)] = device
	}
	for n, device := range slices.Sorted(slices.Values(e.Volumes)) {
		t["ebs"+strconv.Itoa(n)] = device
	}
	return t
}

func addressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

// find is what is at a path; false when there is nothing.
func (t tree) find(path []string) (any, bool) {
	var at any = t
	for _, name := range path {
		directory, ok := at.(tree)
		if !ok {
			return nil, false
		}
		if at, ok = directory[name]; !ok || name == "_name" {
			return nil, false
		}
	}
	return at, true
}

// text is how the service shows a value: a directory as its listing.
func text(value any) string {
	switch v := value.(type) {
	case tree:
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if line := v.line(name); line != "" {
				lines = append(lines, line)
			}
		}
		return strings.Join(lines, "\n")
	case []string:
		return strings.Join(v, "\n")
	case []byte:
		return string(v)
	case int:
		return strconv.Itoa(v)
	default:
		return v.(string)
	}
}

// line is an entry in a listing: directories end in a slash, or go by the name they have for it.
func (t tree) line(name string) string {
	directory, ok := t[name].(tree)
	switch {
	case name == "_name":
		return ""
	case !ok:
		return name
	case directory["_name"] != nil:
		return text(directory["_name"])
	default:
		return name + "/"
	}
}
