// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	gossh "golang.org/x/crypto/ssh"
)

// hostKeyFile is where OpenSSH would keep it, in OpenSSH's form.
const hostKeyFile = "/etc/ssh/ssh_host_ed25519_key"

// hostKey loads the machine's SSH host key. It is made when there is none, and renewed on the first
// boot of an instance, so that two servers of one snapshot do not share it.
func hostKey(renew bool) (gossh.Signer, error) {
	data, err := os.ReadFile(hostKeyFile)
	if err == nil && !renew {
		if signer, err := gossh.ParsePrivateKey(data); err == nil {
			return signer, nil
		}
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := gossh.MarshalPrivateKey(private, "")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll("/etc/ssh", 0o755); err != nil {
		return nil, err
	}
	if err := replaceFile(hostKeyFile, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	signer, err := gossh.NewSignerFromKey(private)
	if err != nil {
		return nil, err
	}
	return signer, replaceFile(hostKeyFile+".pub", gossh.MarshalAuthorizedKey(signer.PublicKey()), 0o644)
}

// fingerprints is the block that cloud-init prints on the console: whoever made the server takes
// the host key from there, and need not trust the first connection.
func fingerprints(signer gossh.Signer, host string) string {
	key := strings.TrimSpace(string(gossh.MarshalAuthorizedKey(signer.PublicKey())))
	return fmt.Sprintf(`-----BEGIN SSH HOST KEY FINGERPRINTS-----
256 %s root@%s (ED25519)
-----END SSH HOST KEY FINGERPRINTS-----
-----BEGIN SSH HOST KEY KEYS-----
%s root@%s
-----END SSH HOST KEY KEYS-----`, gossh.FingerprintSHA256(signer.PublicKey()), host, key, host)
}
