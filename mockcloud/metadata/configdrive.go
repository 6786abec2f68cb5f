// SPDX-License-Identifier: MPL-2.0

package metadata

// Files are the files of a config drive, by their paths in it: the OpenStack form at every version, the
// EC2 form at its newest one alone (Nova's default of config_drive_skip_versions).
func Files(i Instance) map[string][]byte {
	i.RandomSeed = i.seed() // one for all versions of the drive
	files := make(map[string][]byte)
	for _, name := range []string{ec2NewestVersion, latest} {
		version, _ := resolve(ec2Versions, name)
		files["ec2/"+name+"/meta-data.json"] = encode(i.ec2MetaData(version))
		if i.UserData != nil {
			files["ec2/"+name+"/user-data"] = i.UserData
		}
	}
	for _, name := range withLatest(openstackVersions) {
		version, _ := resolve(openstackVersions, name)
		for _, d := range documents {
			if d.render == nil || !d.has(&i, version) {
				continue
			}
			if content, ok := d.render(&i, version); ok {
				files["openstack/"+name+"/"+d.name] = content
			}
		}
	}
	for n, f := range i.Files {
		files["openstack/content/"+contentName(n)] = f.Content
	}
	return files
}
