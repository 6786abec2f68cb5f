// SPDX-License-Identifier: MPL-2.0

package serverpassword

import (
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// rsaKey reads a private key. Its errors do not quote the key.
func rsaKey(pem, passphrase string) (*rsa.PrivateKey, error) {
	read := func() (any, error) { return ssh.ParseRawPrivateKey([]byte(pem)) }
	if passphrase != "" {
		read = func() (any, error) { return ssh.ParseRawPrivateKeyWithPassphrase([]byte(pem), []byte(passphrase)) }
	}
	key, err := read()
	var locked *ssh.PassphraseMissingError
	switch {
	case errors.As(err, &locked):
		return nil, errors.New("the private key has a passphrase: set it")
	case err != nil:
		return nil, fmt.Errorf("the private key cannot be read: %w", err)
	}
	if key, ok := key.(*rsa.PrivateKey); ok {
		return key, nil
	}
	return nil, errors.New("passwords of guests are encrypted for RSA keys alone, and the private key is of another kind")
}

// unseal decrypts a password that is encrypted by PKCS #1 v1.5 and written in base64.
func unseal(key *rsa.PrivateKey, sealed string) (string, error) {
	cipher, err := base64.StdEncoding.DecodeString(strings.TrimSpace(sealed))
	if err != nil {
		return "", fmt.Errorf("what the guest posted is no base64: %w", err)
	}
	plain, err := rsa.DecryptPKCS1v15(nil, key, cipher) //nolint:staticcheck // what guests encrypt by; nobody else gets to know how it ends
	if err != nil {
		return "", errors.New("what the guest posted is not encrypted for this private key")
	}
	return string(plain), nil
}
