// SPDX-License-Identifier: MPL-2.0

package client

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/config/clouds"
	"gopkg.in/yaml.v3"
)

// fromClouds reads the settings of one cloud of clouds.yaml, completed by the secure.yaml beside it and
// by the profile of clouds-public.yaml that it names. Gophercloud's clouds.Parse would do much of that,
// but it reads the process's environment by itself and cannot say where a value is from.
func fromClouds(chosen Setting, region string, lookup func(string) string) (Settings, error) {
	path, err := find("clouds.yaml", lookup)
	if err != nil {
		return nil, &SettingError{Cloud, "No clouds.yaml", fmt.Sprintf(
			"Cloud %q was chosen by %s, but %s.", chosen.Value, chosen.Source, err)}
	}
	listed, err := read(path)
	if err != nil {
		return nil, &SettingError{Cloud, "Unreadable clouds.yaml", err.Error()}
	}
	cloud, ok := listed[chosen.Value]
	if !ok {
		return nil, &SettingError{Cloud, "Unknown Cloud", fmt.Sprintf(
			"%s has no cloud %q. It has: %s.", path, chosen.Value, strings.Join(names(listed), ", "))}
	}
	if region, err = chooseRegion(cloud, region, path, chosen.Value); err != nil {
		return nil, err
	}
	settings := flatten(cloud, path)
	for _, offered := range cloud.Regions {
		if offered.Name == region {
			settings = flatten(offered.Values, path).under(settings)
		}
	}
	if region != "" {
		settings[Region] = Setting{region, path}
	}
	if settings, err = beside(path, chosen.Value, cloud, settings, lookup); err != nil {
		return nil, err
	}
	if !settings.Has(AuthURL) {
		detail := fmt.Sprintf("Cloud %q in %s has no auth_url.", chosen.Value, path)
		if cloud.AuthInfo == nil {
			detail = fmt.Sprintf("Cloud %q in %s has no `auth:` section: auth_url, the user and the project "+
				"belong under that key, not beside it.", chosen.Value, path)
		}
		return nil, &SettingError{Cloud, "Incomplete clouds.yaml", detail}
	}
	return settings, nil
}

// beside adds what secure.yaml and clouds-public.yaml say.
func beside(path, name string, cloud clouds.Cloud, settings Settings, lookup func(string) string) (Settings, error) {
	secure, err := findSecure(path, lookup)
	if err == nil && secure != "" {
		var hidden map[string]clouds.Cloud
		if hidden, err = read(secure); err == nil {
			settings = flatten(hidden[name], secure).under(settings)
		}
	}
	if err != nil {
		return nil, &SettingError{Cloud, "Unreadable secure.yaml", err.Error()}
	}
	profile := cloud.Profile
	if profile == "" {
		profile = cloud.Cloud
	}
	if profile == "" {
		return settings, nil
	}
	public, err := find("clouds-public.yaml", lookup)
	if err != nil {
		return settings, nil //nolint:nilerr // a profile that is nowhere written adds nothing
	}
	profiles, err := read(public)
	if err != nil {
		return nil, &SettingError{Cloud, "Unreadable clouds-public.yaml", err.Error()}
	}
	return settings.under(flatten(profiles[profile], public)), nil
}

// fileVariables are the variables that name a file, by the name of the file.
var fileVariables = map[string]string{
	"clouds.yaml": "OS_CLIENT_CONFIG_FILE", "secure.yaml": "OS_CLIENT_SECURE_FILE", "clouds-public.yaml": "OS_CLIENT_VENDOR_FILE",
}

// findSecure finds the secure.yaml that goes with a clouds.yaml: the one that its variable names, the one beside it, or
// the first where clouds.yaml would be looked for; "" if there is none.
func findSecure(beside string, lookup func(string) string) (string, error) {
	const name = "secure.yaml"
	if lookup(fileVariables[name]) != "" {
		return find(name, lookup)
	}
	path := filepath.Join(filepath.Dir(beside), name)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path, nil
	}
	path, err := find(name, lookup)
	if err != nil {
		return "", nil //nolint:nilerr // there need not be one
	}
	return path, nil
}

// find looks for a file where python-openstackclient does: what its variable names, the working directory, the user's
// configuration, /etc/openstack; by the suffixes .yaml, .yml and .json, which is YAML, too.
func find(name string, lookup func(string) string) (string, error) {
	variable := fileVariables[name]
	if path := lookup(variable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s names a file that cannot be read: %w", variable, err)
		}
		return path, nil
	}
	config := lookup("XDG_CONFIG_HOME")
	if config == "" {
		config = filepath.Join(lookup("HOME"), ".config")
	}
	places := []string{name, filepath.Join(config, "openstack", name), filepath.Join("/etc/openstack", name)}
	for _, place := range places {
		for _, suffix := range []string{".yaml", ".yml", ".json"} {
			path := strings.TrimSuffix(place, ".yaml") + suffix
			if _, err := os.Stat(path); err == nil {
				return filepath.Abs(path)
			}
		}
	}
	return "", fmt.Errorf("there is no file %s", strings.Join(places, " or "))
}

func read(path string) (map[string]clouds.Cloud, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var file struct {
		Clouds map[string]clouds.Cloud `yaml:"clouds"`
		Public map[string]clouds.Cloud `yaml:"public-clouds"`
	}
	if err := yaml.Unmarshal(content, &file); err != nil {
		// The decoder quotes what it stumbles over, which may be a password.
		return nil, fmt.Errorf("%s is not a clouds file in YAML", path)
	}
	if file.Clouds == nil {
		return file.Public, nil
	}
	return file.Clouds, nil
}

// chooseRegion is the region asked for, the cloud's region_name, or the first of its regions.
func chooseRegion(cloud clouds.Cloud, asked, path, name string) (string, error) {
	var offered []string
	for _, region := range cloud.Regions {
		offered = append(offered, region.Name)
	}
	if asked == "" {
		asked = cloud.RegionName
	}
	switch {
	case len(offered) == 0:
		return asked, nil
	case asked == "":
		return offered[0], nil
	case !slices.Contains(offered, asked):
		return "", &SettingError{Region, "Unknown Region", fmt.Sprintf(
			"Cloud %q in %s lists the regions %s, but not %q.", name, path, strings.Join(offered, ", "), asked)}
	}
	return asked, nil
}

func flatten(cloud clouds.Cloud, source string) Settings {
	auth := clouds.AuthInfo{}
	if cloud.AuthInfo != nil {
		auth = *cloud.AuthInfo
	}
	values := map[string]string{
		AuthURL: auth.AuthURL, Token: auth.Token, UserName: auth.Username, UserID: auth.UserID,
		Password: auth.Password, ProjectName: auth.ProjectName, ProjectID: auth.ProjectID,
		UserDomainName: auth.UserDomainName, UserDomainID: auth.UserDomainID,
		ProjectDomainName: auth.ProjectDomainName, ProjectDomainID: auth.ProjectDomainID,
		DomainName: auth.DomainName, DomainID: auth.DomainID, DefaultDomain: auth.DefaultDomain,
		SystemScope:                 auth.SystemScope,
		ApplicationCredentialID:     auth.ApplicationCredentialID,
		ApplicationCredentialName:   auth.ApplicationCredentialName,
		ApplicationCredentialSecret: auth.ApplicationCredentialSecret,
		Region:                      cloud.RegionName, EndpointType: cloud.EndpointType,
		CACert: cloud.CACertFile, Cert: cloud.ClientCertFile, Key: cloud.ClientKeyFile,
	}
	if cloud.EndpointType == "" {
		values[EndpointType] = cloud.Interface
	}
	if cloud.Verify != nil && !*cloud.Verify {
		values[Insecure] = "true"
	}
	settings := Settings{}
	for name, value := range values {
		if value != "" {
			settings[name] = Setting{value, source}
		}
	}
	return settings
}

func names(listed map[string]clouds.Cloud) []string {
	var all []string
	for name := range listed {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
