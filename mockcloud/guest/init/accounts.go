// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	gossh "golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest/internal/shacrypt"
)

// account is a line of /etc/passwd.
type account struct {
	name, home, shell string
	uid, gid          uint32
}

var errNoAccount = errors.New("no such user")

// accounts is the user database of the guest: plain files, which busybox's login reads as well. The
// mutex orders our own writers.
type accounts struct {
	mu   sync.Mutex
	root string // "/" but for tests
}

// find looks a user up.
func (a *accounts) find(name string) (account, error) {
	data, err := os.ReadFile(filepath.Join(a.root, "etc/passwd"))
	if err != nil {
		return account{}, err
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 7 || f[0] != name {
			continue
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		return account{name, f[5], f[6], uint32(uid), uint32(gid)}, errors.Join(err1, err2)
	}
	return account{}, fmt.Errorf("%s: %w", name, errNoAccount)
}

// verify reports whether a user may log in with this password.
func (a *accounts) verify(name, password string) bool {
	data, err := os.ReadFile(filepath.Join(a.root, "etc/shadow"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		f := strings.Split(line, ":")
		if len(f) > 1 && f[0] == name {
			return shacrypt.Verify(password, f[1])
		}
	}
	return false
}

// setPassword sets a user's password; hashed says that it is a crypt(3) hash already.
func (a *accounts) setPassword(name, password string, hashed bool) error {
	if strings.ContainsAny(password, "\n\x00") || hashed && strings.Contains(password, ":") {
		return errors.New("a password has no line ends")
	}
	if hashed && !shacrypt.Supported(password) {
		return shacrypt.ErrUnsupported
	}
	if !hashed {
		password = shacrypt.Hash(password)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	path := filepath.Join(a.root, "etc/shadow")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	edited, err := setShadow(data, name, password)
	if err != nil {
		return err
	}
	return replaceFile(path, edited, 0o600)
}

// setShadow replaces the hash in a user's line and leaves everything else as it is.
func setShadow(shadow []byte, name, hash string) ([]byte, error) {
	lines := bytes.SplitAfter(shadow, []byte("\n"))
	for i, line := range lines {
		f := strings.SplitN(string(line), ":", 3)
		if len(f) == 3 && f[0] == name {
			lines[i] = []byte(f[0] + ":" + hash + ":" + f[2])
			return bytes.Join(lines, nil), nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, errNoAccount)
}

// keysFile is where a user's authorised keys are.
func (a *accounts) keysFile(who account) string {
	return filepath.Join(a.root, who.home, ".ssh", "authorized_keys")
}

// authorized reports whether the key is among the user's. A line with options is no permission: we
// do not keep restrictions, so we do not let them pass for none.
func (a *accounts) authorized(who account, key gossh.PublicKey) bool {
	data, err := os.ReadFile(a.keysFile(who))
	if err != nil {
		return false
	}
	for len(data) > 0 {
		known, _, options, rest, err := gossh.ParseAuthorizedKey(data)
		if err != nil {
			return false
		}
		if len(options) == 0 && bytes.Equal(known.Marshal(), key.Marshal()) {
			return true
		}
		data = rest
	}
	return false
}

// authorize adds keys to the user's, those that are not there yet, and returns the ones refused
// because they are none.
func (a *accounts) authorize(name string, keys []string) (refused []string, err error) {
	who, err := a.find(name)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	path := a.keysFile(who)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	old, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	edited, refused := addKeys(old, keys)
	if bytes.Equal(old, edited) {
		return refused, nil
	}
	if err := replaceFile(path, edited, 0o600); err != nil {
		return refused, err
	}
	if who.uid == 0 {
		return refused, nil // as we are
	}
	for _, p := range []string{filepath.Dir(path), path} {
		if err := os.Chown(p, int(who.uid), int(who.gid)); err != nil {
			return refused, err
		}
	}
	return refused, nil
}

// addKeys appends keys to a file of authorised keys.
func addKeys(file []byte, keys []string) (edited []byte, refused []string) {
	lines := map[string]bool{}
	for line := range strings.Lines(string(file)) {
		lines[strings.TrimSpace(line)] = true
	}
	edited = bytes.Clone(file)
	if len(edited) > 0 && edited[len(edited)-1] != '\n' {
		edited = append(edited, '\n')
	}
	for _, key := range keys {
		key = strings.TrimSpace(key)
		if _, _, _, _, err := gossh.ParseAuthorizedKey([]byte(key)); err != nil || strings.Contains(key, "\n") {
			refused = append(refused, key)
			continue
		}
		if !lines[key] {
			lines[key] = true
			edited = append(edited, key+"\n"...)
		}
	}
	return edited, refused
}
