// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// checkKey is what is wrong with a public key for keypairs of that type. It quotes nothing of the key, which may be the
// private one by mistake.
func checkKey(kind, key string) error {
	block, _ := pem.Decode([]byte(strings.TrimSpace(key)))
	switch {
	case block != nil && strings.Contains(block.Type, "PRIVATE KEY"):
		return errors.New("this is a private key: Nova is to get the public one")
	case kind == "x509":
		if block == nil || block.Type != "CERTIFICATE" {
			return errors.New("the key of a keypair of type x509 is a certificate in PEM")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return fmt.Errorf("this is no certificate that can be read: %w", err)
		}
		return nil
	}
	parts := strings.Fields(key)
	if len(parts) < 2 || strings.Contains(strings.TrimSpace(key), "\n") {
		return errors.New("a public key is one line: its type, the key in base64, and a comment if any")
	}
	raw, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil {
		return errors.New("the second word of a public key is the key in base64, and this is none")
	}
	parsed, err := ssh.ParsePublicKey(raw)
	if err != nil {
		return fmt.Errorf("this is no public key that can be read: %w", err)
	}
	if parsed.Type() != parts[0] {
		return fmt.Errorf("the key says that it is of type %s, and its first word is another", parsed.Type())
	}
	return nil
}

// pair is a generated key.
type pair struct {
	private, public string // PEM in OpenSSH's form, and one line without its end
	md5, sha256     string // fingerprints of the public key, as Nova and as OpenSSH write it
}

// The algorithms of keys, with the sizes that each may have; the first is the default. That of ed25519 is fixed.
const (
	ed25519Key = "ed25519"
	ecdsaKey   = "ecdsa"
	rsaKey     = "rsa"

	leastRSA, usualRSA, mostRSA = 2048, 3072, 8192
)

func curve(bits int) elliptic.Curve {
	switch bits {
	case 384:
		return elliptic.P384()
	case 521:
		return elliptic.P521()
	}
	return elliptic.P256()
}

// generate makes a key; 0 bits are the algorithm's default.
func generate(algorithm string, bits int, comment string) (pair, error) {
	var key crypto.Signer
	var err error
	switch algorithm {
	case rsaKey:
		if bits == 0 {
			bits = usualRSA
		}
		key, err = rsa.GenerateKey(rand.Reader, bits)
	case ecdsaKey:
		key, err = ecdsa.GenerateKey(curve(bits), rand.Reader)
	default:
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return pair{}, err
	}
	block, err := ssh.MarshalPrivateKey(key, comment)
	if err != nil {
		return pair{}, err
	}
	public, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		return pair{}, err
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
	return pair{
		private: string(pem.EncodeToMemory(block)), public: strings.TrimSpace(line + " " + comment),
		md5: ssh.FingerprintLegacyMD5(public), sha256: ssh.FingerprintSHA256(public),
	}, nil
}
