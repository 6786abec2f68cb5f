// SPDX-License-Identifier: MPL-2.0

package local

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"gopkg.in/yaml.v3"
)

// cloudsFile is clouds.yaml, as far as mockcloud writes and reads it.
type cloudsFile struct {
	Clouds map[string]Entry `yaml:"clouds"`
}

// Entry is a cloud of clouds.yaml: where it is and who one is there.
type Entry struct {
	Auth            Auth   `yaml:"auth"`
	Region          string `yaml:"region_name"`
	Interface       string `yaml:"interface"`
	IdentityVersion int    `yaml:"identity_api_version"`
}

// Auth is an entry's credentials.
type Auth struct {
	AuthURL     string `yaml:"auth_url"`
	Username    string `yaml:"username"`
	Password    string `yaml:"password"`
	ProjectName string `yaml:"project_name"`
	UserDomain  string `yaml:"user_domain_name"`
	ProjDomain  string `yaml:"project_domain_name"`
}

// cloudNames are the entries of clouds.yaml by user.
func cloudNames() map[string]string {
	return map[string]string{"demo": "mockcloud", "admin": "mockcloud-admin"}
}

func cloudsPath(dir string) string { return filepath.Join(dir, "clouds.yaml") }

// readClouds is what an earlier start wrote; nothing, if there was none.
func readClouds(dir string) (cloudsFile, error) {
	var file cloudsFile
	raw, err := os.ReadFile(cloudsPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return file, nil
	}
	if err != nil {
		return file, err
	}
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return file, fmt.Errorf("%s: %w", cloudsPath(dir), err)
	}
	return file, nil
}

// passwords are those that an earlier start wrote down: the store has only their hashes.
func (f cloudsFile) passwords() map[string]string {
	known := map[string]string{}
	for user, name := range cloudNames() {
		if password := f.Clouds[name].Auth.Password; password != "" {
			known[user] = password
		}
	}
	return known
}

// choosePasswords settles the users' passwords: the given ones, else those of an earlier start, else random
// ones. They are written down before Keystone has them, which keeps only their hashes: a crash between
// the two would lock everybody out.
func (c *Cloud) choosePasswords(given map[string]string) error {
	before, err := readClouds(c.dir)
	if err != nil {
		return err
	}
	known := before.passwords()
	for user := range cloudNames() {
		c.passwords[user] = cmp.Or(given[user], known[user], rand.Text())
	}
	if maps.Equal(c.passwords, known) {
		return nil
	}
	return writeClouds(c.dir, before.Clouds[cloudNames()["demo"]].Auth.AuthURL, c.passwords)
}

// writeClouds writes clouds.yaml for who owns the state directory and nobody else.
func writeClouds(dir, authURL string, passwords map[string]string) error {
	file := cloudsFile{Clouds: map[string]Entry{}}
	for user, name := range cloudNames() {
		file.Clouds[name] = Entry{
			Region: "RegionOne", Interface: "public", IdentityVersion: 3,
			Auth: Auth{
				AuthURL: authURL, Username: user, Password: passwords[user], ProjectName: user,
				UserDomain: "Default", ProjDomain: "Default",
			},
		}
	}
	raw, err := yaml.Marshal(file)
	if err != nil {
		return err
	}
	fresh := cloudsPath(dir) + ".new" // one process at a time has dir open: a crash leaves no more than this
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, cloudsPath(dir))
}

// Credentials are those of the user demo or admin, as the last start on dir wrote them down.
func Credentials(dir, user string) (Entry, error) {
	file, err := readClouds(dir)
	if err != nil {
		return Entry{}, err
	}
	found := file.Clouds[cloudNames()[user]]
	if found.Auth.AuthURL == "" {
		return Entry{}, fmt.Errorf("no cloud was started in %s: run mockcloud serve first", dir)
	}
	return found, nil
}

// Environment are the OS_* variables that say the same as the entry.
func (e Entry) Environment() map[string]string {
	return map[string]string{
		"OS_AUTH_URL": e.Auth.AuthURL, "OS_IDENTITY_API_VERSION": "3",
		"OS_USERNAME": e.Auth.Username, "OS_PASSWORD": e.Auth.Password, "OS_PROJECT_NAME": e.Auth.ProjectName,
		"OS_USER_DOMAIN_NAME": e.Auth.UserDomain, "OS_PROJECT_DOMAIN_NAME": e.Auth.ProjDomain,
		"OS_REGION_NAME": e.Region, "OS_INTERFACE": e.Interface,
	}
}
