// SPDX-License-Identifier: MPL-2.0

package serverpassword

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// TestKeys: all forms in which people have their RSA keys, and what is said of others.
func TestKeys(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	openSSH := func(key crypto.PrivateKey, passphrase string) *pem.Block {
		t.Helper()
		marshal := func() (*pem.Block, error) { return ssh.MarshalPrivateKey(key, "") }
		if passphrase != "" {
			marshal = func() (*pem.Block, error) { return ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase)) }
		}
		block, err := marshal()
		if err != nil {
			t.Fatal(err)
		}
		return block
	}
	eight, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		block            *pem.Block
		passphrase, says string
	}{
		"PKCS #1":               {&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}, "", ""},
		"PKCS #8":               {&pem.Block{Type: "PRIVATE KEY", Bytes: eight}, "", ""},
		"OpenSSH":               {openSSH(key, ""), "", ""},
		"with a passphrase":     {openSSH(key, "open sesame"), "open sesame", ""},
		"without it":            {openSSH(key, "open sesame"), "", "has a passphrase"},
		"with a wrong one":      {openSSH(key, "open sesame"), "open barley", "cannot be read"},
		"of another kind":       {openSSH(edwards, ""), "", "another kind"},
		"with nothing in it":    {&pem.Block{Type: "RSA PRIVATE KEY"}, "", "cannot be read"},
		"that is a certificate": {&pem.Block{Type: "CERTIFICATE", Bytes: []byte("no")}, "", "cannot be read"},
	} {
		got, err := rsaKey(string(pem.EncodeToMemory(test.block)), test.passphrase)
		switch {
		case test.says == "" && (err != nil || !got.Equal(key)):
			t.Errorf("a key %s: %v", name, err)
		case test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)):
			t.Errorf("a key %s: the error is %v", name, err)
		}
	}
}

func TestUnseal(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for sealed, says := range map[string]string{"not base64!": "no base64", "c2hvcnQ=": "not encrypted for this private key"} {
		if _, err := unseal(key, sealed); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", sealed, err)
		}
	}
}
