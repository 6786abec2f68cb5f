// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"crypto/md5" //nolint:gosec // Nova's fingerprints are MD5
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // and SHA-1 for certificates
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Types of keypairs.
const (
	sshKey  = "ssh"
	x509Key = "x509"
)

// rsaBits is the size of the keys that Nova makes.
const rsaBits = 2048

type generated struct{ private, public string }

// generateKey makes a pair as Nova does up to 2.91: an RSA key for SSH, or a certificate for WinRM.
func generateKey(random io.Reader, kind, userID string, now time.Time) (generated, error) {
	key, err := rsa.GenerateKey(random, rsaBits)
	if err != nil {
		return generated{}, err
	}
	if kind == x509Key {
		return certificate(random, key, userID, now)
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	public, err := ssh.NewPublicKey(&key.PublicKey)
	if err != nil {
		return generated{}, err
	}
	line := strings.TrimSuffix(string(ssh.MarshalAuthorizedKey(public)), "\n") + " Generated-by-Nova"
	return generated{private: string(private), public: line}, nil
}

// certificate is self-signed and names the user the way that WinRM looks for: as the user principal
// name in the subject's alternative names.
func certificate(random io.Reader, key *rsa.PrivateKey, userID string, now time.Time) (generated, error) {
	upn, err := principalName(userID + "@localhost")
	if err != nil {
		return generated{}, err
	}
	serial, err := serialNumber(random)
	if err != nil {
		return generated{}, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: userID},
		NotBefore: now, NotAfter: now.AddDate(10, 0, 0),
		ExtKeyUsage:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		ExtraExtensions: []pkix.Extension{upn},
	}
	der, err := x509.CreateCertificate(random, template, template, &key.PublicKey, key)
	if err != nil {
		return generated{}, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return generated{}, err
	}
	return generated{
		private: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})),
		public:  string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
	}, nil
}

// serialNumber is a random positive number of at most 64 bits.
func serialNumber(random io.Reader) (*big.Int, error) {
	raw := make([]byte, 8)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, err
	}
	raw[0] &= 0x7f
	return new(big.Int).SetBytes(append(raw, 1)), nil
}

// principalName is the subject alternative name extension with a Microsoft user principal name.
func principalName(name string) (pkix.Extension, error) {
	value, err := asn1.MarshalWithParams(name, "utf8")
	if err != nil {
		return pkix.Extension{}, err
	}
	wrapped, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: value})
	if err != nil {
		return pkix.Extension{}, err
	}
	id, err := asn1.Marshal(asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 311, 20, 2, 3})
	if err != nil {
		return pkix.Extension{}, err
	}
	other, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: append(id, wrapped...)})
	if err != nil {
		return pkix.Extension{}, err
	}
	names, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSequence, IsCompound: true, Bytes: other})
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: names}, err
}

// fingerprint is the hash that Nova shows of a public key: MD5 of an SSH key, SHA-1 of a certificate.
func fingerprint(kind, public string) (string, error) {
	if kind == x509Key {
		block, _ := pem.Decode([]byte(public))
		if block == nil {
			return "", errors.New("failed to generate X509 fingerprint. Error message: no PEM certificate in it")
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return "", fmt.Errorf("failed to generate X509 fingerprint. Error message: %w", err)
		}
		sum := sha1.Sum(block.Bytes) //nolint:gosec // see above
		return colons(sum[:]), nil
	}
	key, _, _, rest, err := ssh.ParseAuthorizedKey([]byte(public))
	if err != nil || len(strings.TrimSpace(string(rest))) > 0 || !strings.HasPrefix(strings.TrimSpace(public), key.Type()+" ") {
		return "", errors.New("failed to generate fingerprint")
	}
	sum := md5.Sum(key.Marshal()) //nolint:gosec // see above
	return colons(sum[:]), nil
}

func colons(sum []byte) string {
	digits := make([]string, len(sum))
	for i, b := range sum {
		digits[i] = hex.EncodeToString([]byte{b})
	}
	return strings.Join(digits, ":")
}
