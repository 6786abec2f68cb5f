// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	gossh "golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// passwordPath is where Nova takes the password of a server from its guest, once (os-server-password).
const passwordPath = "openstack/2013-04-04/password"

// randomPassword is one that is typed easily: 96 bits in 16 letters.
func randomPassword() string {
	var random [12]byte
	_, _ = rand.Read(random[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(random[:])
}

// encryptPassword encrypts for the first RSA key of an instance, as `openstack server show` and cloudbase-init's
// users decrypt it: PKCS #1 v1.5, base64. False when there is no RSA key.
func encryptPassword(in *instance, password string) (encrypted string, ok bool, err error) {
	key := in.rsaKey()
	if key == nil {
		return "", false, nil
	}
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte(password)) //nolint:staticcheck // what the tools can decrypt
	return base64.StdEncoding.EncodeToString(sealed), true, err
}

// rsaKey is the first RSA key in the order of the keys' names; nil if there is none.
func (in *instance) rsaKey() *rsa.PublicKey {
	for _, line := range sortedValues(in.Keys) {
		key, _, _, _, err := gossh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			continue
		}
		if holder, ok := key.(gossh.CryptoPublicKey); ok {
			if public, ok := holder.CryptoPublicKey().(*rsa.PublicKey); ok {
				return public
			}
		}
	}
	return nil
}

// errHasPassword: the cloud has a password of ours already.
var errHasPassword = errors.New("a password is there already")

// postPassword gives the encrypted password to the metadata service.
func postPassword(ctx context.Context, c clock.Clock, base, encrypted string) error {
	ctx, cancel := clock.WithTimeout(ctx, c, metadataTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		err := post(ctx, client, base+passwordPath, encrypted)
		if err == nil || errors.Is(err, errHasPassword) {
			return err
		}
		if c.Sleep(ctx, metadataPause) != nil {
			return err
		}
	}
}

func post(ctx context.Context, client *http.Client, url, body string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(response.Body, 200))
	switch {
	case response.StatusCode == http.StatusOK:
		return nil
	case response.StatusCode == http.StatusConflict:
		return errHasPassword
	}
	return fmt.Errorf("POST %s: %s: %s", url, response.Status, bytes.TrimSpace(said))
}

// ownPassword gives root a random password where the cloud gave it none, when there is an RSA key to tell it with:
// the cloud keeps it encrypted, for the owner of the key alone.
func (in *instance) ownPassword(c *cloudConfig) {
	isRoots := func(p passwordChange) bool { return p.user == "root" }
	if in.AdminPass == "" && !slices.ContainsFunc(c.passwords, isRoots) && in.rsaKey() != nil {
		in.AdminPass = randomPassword()
		c.passwords = append(c.passwords, passwordChange{"root", in.AdminPass, false})
	}
}

// tellPassword posts root's password, if the cloud or we have made one.
func (m *machine) tellPassword(ctx context.Context, in *instance) error {
	if in.AdminPass == "" || !m.network.hasLinks() {
		return nil
	}
	encrypted, ok, err := encryptPassword(in, in.AdminPass)
	if err != nil || !ok {
		return err
	}
	err = postPassword(ctx, m.clock, metadataURL, encrypted)
	if errors.Is(err, errHasPassword) {
		return nil
	}
	if err == nil {
		m.out.logf("root's password is with the metadata service, encrypted")
	}
	return err
}
