// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	encoding "encoding/pem"
)

// TestClientCertificate: by path and by content, with the authority's certificate beside it.
func TestClientCertificate(t *testing.T) {
	t.Parallel()
	served := httptest.NewUnstartedServer(http.NotFoundHandler())
	served.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	served.StartTLS()
	t.Cleanup(served.Close)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plain := &x509.Certificate{SerialNumber: big.NewInt(1)}
	signed, err := x509.CreateCertificate(rand.Reader, plain, plain, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	contents, paths := Settings{}, Settings{}
	for name, block := range map[string]*encoding.Block{
		CACert: {Type: "CERTIFICATE", Bytes: served.Certificate().Raw},
		Cert:   {Type: "CERTIFICATE", Bytes: signed},
		Key:    {Type: "PRIVATE KEY", Bytes: secret},
	} {
		content, path := encoding.EncodeToMemory(block), filepath.Join(t.TempDir(), name+".pem")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		contents[name], paths[name] = Setting{Value: string(content)}, Setting{Value: path}
	}
	for name, test := range map[string]struct {
		settings Settings
		accepted bool
	}{
		"contents": {contents, true}, "paths": {paths, true}, "none": {Settings{CACert: paths[CACert]}, false},
	} {
		pool, err := transport(test.settings)
		if err != nil {
			t.Fatal(name, err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, served.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := pool.RoundTrip(request)
		if err == nil {
			_ = response.Body.Close()
		}
		if test.accepted != (err == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
