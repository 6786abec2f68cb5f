// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

func authorizedKey(t *testing.T, public any) string {
	t.Helper()
	key, err := gossh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return string(gossh.MarshalAuthorizedKey(key))
}

func TestPasswordIsEncryptedForTheFirstRSAKey(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	in := &instance{Keys: map[string]string{"a": "no key", "b": authorizedKey(t, other), "c": authorizedKey(t, &private.PublicKey)}}
	encrypted, ok, err := encryptPassword(in, "s3cret")
	if !ok || err != nil {
		t.Fatal(ok, err)
	}
	sealed, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := rsa.DecryptPKCS1v15(nil, private, sealed); string(plain) != "s3cret" || err != nil { //nolint:staticcheck // as the tools do
		t.Errorf("%q, %v", plain, err)
	}
	delete(in.Keys, "c")
	if _, ok, err := encryptPassword(in, "s3cret"); ok || err != nil {
		t.Errorf("without an RSA key: %v, %v", ok, err)
	}
}

func TestOwnPassword(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{"mine": authorizedKey(t, &private.PublicKey)}
	for name, test := range map[string]struct {
		in     instance
		config cloudConfig
		made   bool
	}{
		"an RSA key and no password": {in: instance{Keys: keys}, made: true},
		"no key":                     {},
		"the cloud's password":       {in: instance{Keys: keys, AdminPass: "s3cret"}},
		"the user's password":        {in: instance{Keys: keys}, config: cloudConfig{passwords: []passwordChange{{"root", "s3cret", false}}}},
	} {
		before := len(test.config.passwords)
		test.in.ownPassword(&test.config)
		if made := len(test.config.passwords) > before; made != test.made || made && len(test.in.AdminPass) < 16 {
			t.Errorf("%s: password %v %q", name, made, test.in.AdminPass)
		}
	}
}

func TestPostPassword(t *testing.T) {
	t.Parallel()
	var got string
	answers := []int{http.StatusServiceUnavailable, http.StatusOK, http.StatusConflict}
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = r.Method + " " + r.URL.Path + " " + string(body)
		w.WriteHeader(answers[0])
		answers = answers[1:]
	}))
	defer service.Close()
	fast, err := clock.Scaled(5) // a slow machine still answers in time
	if err != nil {
		t.Fatal(err)
	}
	if err := postPassword(t.Context(), fast, service.URL+"/", "c2VhbGVk"); err != nil || len(answers) != 1 {
		t.Errorf("%v, %d answers left", err, len(answers))
	}
	if want := "POST /openstack/2013-04-04/password c2VhbGVk"; got != want {
		t.Errorf("asked %q, want %q", got, want)
	}
	if err := postPassword(t.Context(), fast, service.URL+"/", "c2VhbGVk"); !errors.Is(err, errHasPassword) {
		t.Errorf("again: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := postPassword(ctx, fast, service.URL+"/", ""); err == nil {
		t.Error("posted after the end")
	}
}
