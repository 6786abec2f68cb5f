// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/memory"
)

// root is the authority's certificate, as PEM.
func (u *user) root(t *testing.T) string {
	t.Helper()
	got := u.nova(t, 1, http.MethodGet, "/os-certificates/root", nil).object(t, http.StatusOK)["certificate"].(object)
	if key, told := got["private_key"]; !told || key != nil {
		t.Errorf("the root's private key is %v", key)
	}
	return text(t, got, "data")
}

// certificate makes one, and returns it and its key as they are told.
func (u *user) certificate(t *testing.T) (data, key string) {
	t.Helper()
	got := u.nova(t, 1, http.MethodPost, "/os-certificates", nil).object(t, http.StatusOK)
	return text(t, got, "certificate", "data"), text(t, got, "certificate", "private_key")
}

func parsed(t *testing.T, data string) *x509.Certificate {
	t.Helper()
	block, rest := pem.Decode([]byte(data))
	if block == nil || block.Type != "CERTIFICATE" || len(rest) > 0 {
		t.Fatalf("no certificate: %q", data)
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The cloud's authority signs certificates by the cloud's clock, each with a number of its own.
func TestCertificates(t *testing.T) {
	t.Parallel()
	now := time.Date(2013, 8, 12, 7, 20, 30, 0, time.UTC)
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Clock = clock.NewManual(now) }))
	root := parsed(t, cloud.demo.root(t))
	roots := x509.NewCertPool()
	roots.AddCert(root)
	for i, u := range []*user{cloud.demo, cloud.admin} {
		data, key := u.certificate(t)
		if !strings.HasPrefix(data, "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Serial Number: 1") ||
			!strings.Contains(data, "        Issuer: C=US, ST=California, L=Mountain View, O=NOVA ROOT\n") {
			t.Errorf("words: %.400s", data)
		}
		c := parsed(t, data)
		if _, err := c.Verify(x509.VerifyOptions{
			Roots: roots, CurrentTime: now.AddDate(0, 11, 0), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}); err != nil {
			t.Error(err)
		}
		same(t, "serial number", c.SerialNumber.Cmp(big.NewInt(int64(0x10+i))), 0)
		same(t, "name", c.Subject.CommonName, u.project[:16]+"-"+u.id[:16]+"-2013-08-12T07:20:30Z")
		same(t, "begins", c.NotBefore, now)
		same(t, "ends", c.NotAfter, now.AddDate(0, 0, 365))
		pair, err := tls.X509KeyPair([]byte(data), []byte(key))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "size of the key", pair.PrivateKey.(*rsa.PrivateKey).N.BitLen(), 2048)
	}
	cloud.demo.nova(t, 1, http.MethodGet, "/os-certificates/1", nil).refused(t, http.StatusNotImplemented, "Only root certificate can be retrieved.")
	reader := cloud.member(t, "demo", "reader")
	same(t, "what a reader sees", reader.root(t), cloud.admin.root(t))
	reader.nova(t, nova.Newest, http.MethodPost, "/os-certificates", nil).refused(t, 403, "Policy doesn't allow os_compute_api:os-certificates:create to be performed.")
}

// The authority is the same after a restart, and goes on counting.
func TestCertificateAuthorityIsKept(t *testing.T) {
	t.Parallel()
	kept := memory.New()
	var roots []string
	var signed []*x509.Certificate
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) { // ends its cloud
			c := &cloud{Cloud: cloudtest.Start(t, cloudtest.With(func(o *mockcloud.Options) {
				o.Store, o.Passwords = kept, map[string]string{"demo": "secret"}
			}))}
			u := c.login(t, "demo", "secret", "demo")
			data, _ := u.certificate(t)
			roots, signed = append(roots, u.root(t)), append(signed, parsed(t, data))
		})
	}
	same(t, "root certificate", roots[1], roots[0])
	same(t, "next serial number", signed[1].SerialNumber.Int64(), signed[0].SerialNumber.Int64()+1)
	if err := signed[0].CheckSignatureFrom(parsed(t, roots[1])); err != nil {
		t.Error(err)
	}
}

// What openssl makes of it: it verifies against the root, the key is its key, and the words are what it says.
func TestOpenSSLVerifiesCertificates(t *testing.T) {
	t.Parallel()
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	cloud := start(t)
	dir := t.TempDir()
	data, key := cloud.demo.certificate(t)
	for name, content := range map[string]string{"root.pem": cloud.demo.root(t), "cert.pem": data, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), openssl, args...)
		command.Dir = dir
		out, err := command.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	same(t, "openssl verify", run("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "root.pem", "cert.pem"), "cert.pem: OK")
	same(t, "the root by itself", run("verify", "-x509_strict", "-CAfile", "root.pem", "root.pem"), "root.pem: OK")
	same(t, "the key's modulus", run("rsa", "-in", "key.pem", "-noout", "-modulus"), run("x509", "-in", "cert.pem", "-noout", "-modulus"))
	words := strings.Join(strings.Fields(data[:strings.Index(data, "-----BEGIN")]), " ")
	for _, part := range []string{"subject", "issuer", "startdate", "enddate"} {
		_, said, _ := strings.Cut(run("x509", "-in", "cert.pem", "-noout", "-"+part, "-nameopt", "sep_comma_plus_space"), "=")
		if !strings.Contains(words, strings.Join(strings.Fields(said), " ")) {
			t.Errorf("%s: openssl says %q, the answer %q", part, said, words)
		}
	}
}
