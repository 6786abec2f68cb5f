// SPDX-License-Identifier: MPL-2.0

package local

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

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

// draftPath is where a fresh cloud's passwords are until it is announced.
func draftPath(dir string) string { return filepath.Join(dir, "first-passwords.json") }

// firstPasswords are what Keystone has if nobody has changed it: those of clouds.yaml, else those of the draft, else random
// ones. They are written down before Keystone has them, which keeps only their hashes: a crash between the
// two would lock everybody out.
func firstPasswords(dir string) (map[string]string, error) {
	known, err := readClouds(dir)
	if err != nil {
		return nil, err
	}
	draft, err := readDraft(dir)
	if err != nil {
		return nil, err
	}
	first, complete := map[string]string{}, true
	for user, name := range cloudNames() {
		written := cmp.Or(known.Clouds[name].Auth.Password, draft[user])
		first[user] = cmp.Or(written, rand.Text())
		complete = complete && written != ""
	}
	if complete {
		return first, nil
	}
	raw, err := json.Marshal(first)
	if err != nil {
		return nil, err
	}
	return first, replace(draftPath(dir), raw)
}

func readDraft(dir string) (map[string]string, error) {
	raw, err := os.ReadFile(draftPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var draft map[string]string
	if err := json.Unmarshal(raw, &draft); err != nil {
		return nil, fmt.Errorf("%s: %w", draftPath(dir), err)
	}
	return draft, nil
}

// Announce writes clouds.yaml for a cloud that is served at base. Entries that are there already get a new URL, and the
// password if it is a new one. One that was changed in Keystone nobody knows here: then the entry has none, until its
// user writes it there.
func (c *Cloud) Announce(base string) error {
	file, err := readClouds(c.dir)
	if err != nil {
		return err
	}
	entries := map[string]Entry{}
	for user, name := range cloudNames() {
		entry, kept := file.Clouds[name]
		if !kept {
			entry = Entry{Region: "RegionOne", Interface: "public", IdentityVersion: 3, Auth: Auth{
				Username: user, ProjectName: user, UserDomain: "Default", ProjDomain: "Default",
			}}
		}
		entry.Auth.AuthURL, entry.Auth.Password = base+"/identity/v3", c.Keystone.Password(user)
		if entry.Auth.Password == "" {
			c.log.Warn("clouds.yaml is without a password that was changed in Keystone", "cloud", name, "remedy", remedy(user))
		}
		entries[name] = entry
	}
	raw, err := yaml.Marshal(cloudsFile{Clouds: entries})
	if err != nil {
		return err
	}
	if err := replace(cloudsPath(c.dir), raw); err != nil {
		return err
	}
	if err := os.Remove(draftPath(c.dir)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// remedy is for who has changed a password and wants clouds.yaml to have it.
func remedy(user string) string {
	return "write it there, or serve with MOCKCLOUD_" + strings.ToUpper(user) + "_PASSWORD"
}

// replace writes a file for who owns the state directory and nobody else.
func replace(path string, content []byte) error {
	fresh := path + ".new" // one process at a time has the directory open: a crash leaves no more than this
	if err := os.WriteFile(fresh, content, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, path)
}

// Credentials are those of the user demo or admin, as the last start on dir wrote them down.
func Credentials(dir, user string) (Entry, error) {
	file, err := readClouds(dir)
	if err != nil {
		return Entry{}, err
	}
	found := file.Clouds[cloudNames()[user]]
	switch {
	case found.Auth.AuthURL == "":
		return Entry{}, fmt.Errorf("no cloud was started in %s: run mockcloud serve first", dir)
	case found.Auth.Password == "":
		return Entry{}, fmt.Errorf("%s has no password of %s, which was changed in Keystone: %s", cloudsPath(dir), user, remedy(user))
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
