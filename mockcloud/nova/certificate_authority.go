// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const (
	// rootYears is how long the authority's own certificate holds. Nova's held for as long as those that it signed,
	// so that the last of them had no authority for most of their time.
	rootYears = 10
	// certificateDays is how long those hold that it signs ([CA_default] default_days of Nova's openssl.cnf).
	certificateDays = 365
	// firstSerial is the serial number of the first of them.
	firstSerial = 0x10
)

// authority is what signs certificates: one for the whole cloud, as Nova's unless [crypto] use_project_ca. Its key
// is a secret, which nothing but the signing of certificates reads.
type authority struct {
	Name        string
	Certificate []byte // DER
	Key         []byte // DER, of PKCS #1
	// Serial is the serial number of the next certificate.
	Serial int64
}

// rootAuthority is the cloud's.
const rootAuthority = "root"

var authorities = store.Table[authority]{
	Name: "nova_authorities",
	Key:  func(a *authority) string { return a.Name },
}

// authority is the cloud's authority. It comes into being with the first question about it.
func (s *Service) authority(ctx context.Context) (ca *authority, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		ca, err = authorities.Get(tx, rootAuthority)
		return err
	})
	if !errors.Is(err, store.ErrNotFound) {
		return ca, err
	}
	made, err := s.newAuthority()
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		ca = made
		err := authorities.Insert(tx, ca)
		if errors.Is(err, store.ErrExists) { // somebody else asked, too, and was first
			ca, err = authorities.Get(tx, rootAuthority)
		}
		return err
	})
	return ca, err
}

func (s *Service) newAuthority() (*authority, error) {
	key, err := rsa.GenerateKey(s.Random, rsaBits)
	if err != nil {
		return nil, err
	}
	serial, err := serialNumber(s.Random)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	root := &x509.Certificate{
		SerialNumber: serial, NotBefore: now, NotAfter: now.AddDate(rootYears, 0, 0),
		Subject: pkix.Name{
			Organization: []string{"NOVA ROOT"}, Locality: []string{"Mountain View"}, Province: []string{"California"}, Country: []string{"US"},
		},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	der, err := x509.CreateCertificate(s.Random, root, root, &key.PublicKey, key)
	return &authority{Name: rootAuthority, Certificate: der, Key: x509.MarshalPKCS1PrivateKey(key), Serial: firstSerial}, err
}

// certificate is the authority's own, in PEM.
func (a *authority) certificate() string { return encodePEM("CERTIFICATE", a.Certificate) }

func encodePEM(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// signer is the authority with its key.
func (a *authority) signer() (*x509.Certificate, *rsa.PrivateKey, error) {
	root, err := x509.ParseCertificate(a.Certificate)
	if err != nil {
		return nil, nil, err
	}
	key, err := x509.ParsePKCS1PrivateKey(a.Key)
	return root, key, err
}

// certified is a certificate that the authority signed, and the key that it is about: PEM both.
type certified struct {
	words            string // what the certificate says
	certificate, key string
}

// certify makes a key and a certificate for a user in a project.
func (s *Service) certify(ctx context.Context, projectID, userID string) (made certified, err error) {
	ca, err := s.authority(ctx)
	if err != nil {
		return made, err
	}
	root, rootKey, err := ca.signer()
	if err != nil {
		return made, err
	}
	key, err := rsa.GenerateKey(s.Random, rsaBits)
	if err != nil {
		return made, err
	}
	serial, err := s.nextSerial(ctx)
	if err != nil {
		return made, err
	}
	now := s.Clock.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotBefore: now, NotAfter: now.AddDate(0, 0, certificateDays),
		Subject:               subjectOf(projectID, userID, now),
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(s.Random, template, root, &key.PublicKey, rootKey)
	if err != nil {
		return made, err
	}
	signed, err := x509.ParseCertificate(der)
	if err != nil {
		return made, err
	}
	return certified{
		words: inWords(signed), certificate: encodePEM("CERTIFICATE", der),
		key: encodePEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key)),
	}, nil
}

// subjectOf names the user in the project ([crypto] user_cert_subject).
func subjectOf(projectID, userID string, at time.Time) pkix.Name {
	const most = 16 // characters of an id
	return pkix.Name{
		Country: []string{"US"}, Province: []string{"California"}, Organization: []string{"OpenStack"}, OrganizationalUnit: []string{"NovaDev"},
		CommonName: fmt.Sprintf("%.*s-%.*s-%s", most, projectID, most, userID, at.UTC().Format("2006-01-02T15:04:05Z")),
	}
}

// nextSerial counts the authority's certificates.
func (s *Service) nextSerial(ctx context.Context) (serial int64, err error) {
	err = s.Store.Update(ctx, func(tx store.Tx) error {
		ca, err := authorities.Get(tx, rootAuthority)
		if err != nil {
			return err
		}
		serial = ca.Serial
		ca.Serial++
		return authorities.Put(tx, ca)
	})
	return serial, err
}

// revoked is the list of the certificates that the authority has taken back: none, for nothing in Nova's API does.
// It holds for as long as the certificates do.
func (s *Service) revoked(ca *authority) (string, error) {
	root, key, err := ca.signer()
	if err != nil {
		return "", err
	}
	now := s.Clock.Now()
	list := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, certificateDays)}
	der, err := x509.CreateRevocationList(s.Random, list, root, key)
	return encodePEM("X509 CRL", der), err
}
