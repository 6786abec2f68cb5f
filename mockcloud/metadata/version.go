// SPDX-License-Identifier: MPL-2.0

package metadata

import "slices"

// latest stands for the newest version, in the OpenStack form as in the EC2 form.
const latest = "latest"

// The versions of the OpenStack form that brought something.
const (
	folsom    = "2012-08-10"
	grizzly   = "2013-04-04" // random_seed, password
	havana    = "2013-10-17" // vendor_data.json
	liberty   = "2015-10-15" // project_id, network_data.json
	newtonOne = "2016-06-30" // devices
	newtonTwo = "2016-10-06" // vendor_data2.json
	ocata     = "2017-02-22" // VLAN of a NIC
	rocky     = "2018-08-27" // trust in a NIC
	victoria  = "2020-10-14" // dedicated_cpus
	epoxy     = "2025-04-04" // shares
)

var openstackVersions = []string{
	folsom, grizzly, havana, liberty, newtonOne, newtonTwo, ocata, rocky, victoria, epoxy,
}

// The versions of the EC2 form; those with a name brought something.
const (
	ec2Hostnames     = "2007-01-19" // local-hostname, public-hostname, public-ipv4
	ec2InstanceType  = "2007-08-29"
	ec2BlockDevices  = "2007-12-15" // block-device-mapping, kernel-id, ramdisk-id
	ec2Placement     = "2008-02-01"
	ec2Action        = "2008-09-01" // instance-action
	ec2NewestVersion = "2009-04-04"
)

var ec2Versions = []string{
	"1.0", ec2Hostnames, "2007-03-01", ec2InstanceType, "2007-10-10", ec2BlockDevices, ec2Placement,
	ec2Action, ec2NewestVersion,
}

// resolve is the version that a path names; false when there is none such.
func resolve(versions []string, name string) (string, bool) {
	if name == latest {
		return versions[len(versions)-1], true
	}
	return name, slices.Contains(versions, name)
}

// withLatest is the listing of versions.
func withLatest(versions []string) []string { return append(slices.Clone(versions), latest) }

// since tells whether a version has what another one brought: both forms' versions sort as text.
func since(brought, version string) bool { return version >= brought }
