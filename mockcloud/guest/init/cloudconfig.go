// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// cloudConfig is the part of cloud-init's #cloud-config that this guest does. What a document asks
// for beyond it is listed in notes, for the console: silence would pass for success.
type cloudConfig struct {
	hostname  string
	keys      []string
	passwords []passwordChange
	files     []writeFile
	commands  []string // shell commands, in order
	notes     []string
}

// passwordChange sets one user's password; Hashed says that it is a crypt(3) hash.
type passwordChange struct {
	user, password string
	hashed         bool
}

// writeFile is an entry of write_files.
type writeFile struct {
	Path        string `yaml:"path"`
	Content     string `yaml:"content"`
	Encoding    string `yaml:"encoding"`
	Permissions string `yaml:"permissions"`
	Owner       string `yaml:"owner"`
	Append      bool   `yaml:"append"`
	Defer       bool   `yaml:"defer"`
}

// configKeys is every key we know, with what it does.
var configKeys = map[string]func(*cloudConfig, *yaml.Node) error{
	"hostname":            (*cloudConfig).setHostname,
	"fqdn":                (*cloudConfig).setFQDN,
	"ssh_authorized_keys": func(c *cloudConfig, n *yaml.Node) error { return n.Decode(&c.keys) },
	"password":            (*cloudConfig).setPassword,
	"chpasswd":            (*cloudConfig).setChpasswd,
	"write_files":         func(c *cloudConfig, n *yaml.Node) error { return n.Decode(&c.files) },
	"runcmd":              (*cloudConfig).setCommands,
	"ssh_pwauth":          (*cloudConfig).setPasswordLogin,
	// What these ask for is so anyway.
	"disable_root":    (*cloudConfig).wantFalse,
	"package_update":  (*cloudConfig).wantFalse,
	"package_upgrade": (*cloudConfig).wantFalse,
}

// parseCloudConfig reads a document. A key that cannot be read becomes a note and does not keep the
// others from being done; only what is no YAML mapping at all is an error.
func parseCloudConfig(data []byte) (*cloudConfig, error) {
	var keys map[string]yaml.Node
	if err := yaml.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("cloud-config: %w", err)
	}
	c := &cloudConfig{}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		set, known := configKeys[key]
		if !known {
			c.note("%s is not supported, it is ignored", key)
			continue
		}
		node := keys[key]
		if err := set(c, &node); err != nil {
			c.note("%s: %v", key, err)
		}
	}
	return c, nil
}

func (c *cloudConfig) note(format string, args ...any) {
	c.notes = append(c.notes, "cloud-config: "+fmt.Sprintf(format, args...))
}

func (c *cloudConfig) setHostname(node *yaml.Node) error {
	return node.Decode(&c.hostname)
}

// setFQDN gives the hostname, unless that is said on its own; fqdn sorts before hostname.
func (c *cloudConfig) setFQDN(node *yaml.Node) error {
	var fqdn string
	err := node.Decode(&fqdn)
	c.hostname, _, _ = strings.Cut(fqdn, ".")
	return err
}

// setPassword is that of the default user, who is root here.
func (c *cloudConfig) setPassword(node *yaml.Node) error {
	var password string
	if err := node.Decode(&password); err != nil {
		return err
	}
	c.passwords = append(c.passwords, passwordChange{"root", password, isHash(password)})
	return nil
}

func isHash(password string) bool {
	return strings.HasPrefix(password, "$6$") || strings.HasPrefix(password, "$5$")
}

// setChpasswd takes both forms: users, a list of mappings, and list, lines of user:password.
func (c *cloudConfig) setChpasswd(node *yaml.Node) error {
	var change struct {
		Expire *bool     `yaml:"expire"`
		List   yaml.Node `yaml:"list"`
		Users  []struct {
			Name     string `yaml:"name"`
			Password string `yaml:"password"`
			Type     string `yaml:"type"`
		} `yaml:"users"`
	}
	if err := node.Decode(&change); err != nil {
		return err
	}
	if change.Expire == nil || *change.Expire {
		c.note("chpasswd: passwords do not expire here")
	}
	for _, user := range change.Users {
		if user.Type == "RANDOM" {
			c.note("chpasswd: random passwords are not supported, %s keeps its own", user.Name)
			continue
		}
		hashed := user.Type == "" || user.Type == "hash"
		c.passwords = append(c.passwords, passwordChange{user.Name, user.Password, hashed})
	}
	lines, err := decodeLines(&change.List)
	for _, line := range lines {
		user, password, found := strings.Cut(line, ":")
		if !found || password == "R" || password == "RANDOM" {
			c.note("chpasswd: %s gets no password", user)
			continue
		}
		c.passwords = append(c.passwords, passwordChange{user, password, isHash(password)})
	}
	return err
}

// decodeLines takes a list of strings or one string of lines.
func decodeLines(node *yaml.Node) ([]string, error) {
	var lines []string
	switch node.Kind {
	case 0:
		return nil, nil
	case yaml.ScalarNode:
		for line := range strings.Lines(node.Value) {
			if line = strings.TrimSpace(line); line != "" {
				lines = append(lines, line)
			}
		}
		return lines, nil
	}
	return lines, node.Decode(&lines)
}

// setCommands takes strings, which are for the shell, and lists, which are one command each.
func (c *cloudConfig) setCommands(node *yaml.Node) error {
	var entries []yaml.Node
	if err := node.Decode(&entries); err != nil {
		return err
	}
	for _, entry := range entries {
		if entry.Kind == yaml.ScalarNode {
			c.commands = append(c.commands, entry.Value)
			continue
		}
		var words []string
		if err := entry.Decode(&words); err != nil {
			return err
		}
		for i, word := range words {
			words[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		c.commands = append(c.commands, strings.Join(words, " "))
	}
	return nil
}

// setPasswordLogin is about sshd's PasswordAuthentication, which is always on here; a user without
// a password, such as a fresh root, has no password login.
func (c *cloudConfig) setPasswordLogin(node *yaml.Node) error {
	var on bool
	if err := node.Decode(&on); err != nil {
		return err
	}
	if !on {
		return errors.New("false is not supported: whoever has a password may log in with it")
	}
	return nil
}

func (c *cloudConfig) wantFalse(node *yaml.Node) error {
	var on bool
	if err := node.Decode(&on); err != nil {
		return err
	}
	if on {
		return errors.New("true is not supported, it is ignored")
	}
	return nil
}

// content is what the file is to hold, decoded.
func (f writeFile) content() ([]byte, error) {
	switch strings.ToLower(f.Encoding) {
	case "", "text/plain":
		return []byte(f.Content), nil
	case "b64", "base64":
		return decodePart("base64", strings.NewReader(f.Content))
	case "gz+b64", "gz+base64", "gzip+b64", "gzip+base64":
		data, err := decodePart("base64", strings.NewReader(f.Content))
		if err != nil {
			return nil, err
		}
		return gunzip(data)
	}
	return nil, fmt.Errorf("encoding %s is not supported", f.Encoding)
}

// mode is the file's permissions, 0644 if nothing else is said.
func (f writeFile) mode() (uint32, error) {
	if f.Permissions == "" {
		return 0o644, nil
	}
	mode, err := strconv.ParseUint(strings.TrimPrefix(f.Permissions, "0o"), 8, 12)
	if err != nil {
		return 0, fmt.Errorf("permissions %q are no octal number", f.Permissions)
	}
	return uint32(mode), nil
}
