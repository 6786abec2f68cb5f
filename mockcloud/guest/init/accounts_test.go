// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	gossh "golang.org/x/crypto/ssh"
)

// testRoot is a root file system with the accounts of the image.
func testRoot(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(root, os.DirFS("../rootfs")); err != nil {
		t.Fatal(err)
	}
	return root
}

func publicKey(t *testing.T, seed byte) (gossh.PublicKey, string) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	key, err := gossh.NewPublicKey(private.Public())
	if err != nil {
		t.Fatal(err)
	}
	return key, strings.TrimSpace(string(gossh.MarshalAuthorizedKey(key)))
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	a := &accounts{root: testRoot(t)}
	if a.verify("root", "") || a.verify("root", "*") || a.verify("ghost", "") {
		t.Fatal("a fresh image lets somebody in")
	}
	if err := a.setPassword("root", "s3cret", false); err != nil {
		t.Fatal(err)
	}
	if !a.verify("root", "s3cret") || a.verify("root", "s3cret ") || a.verify("daemon", "s3cret") {
		t.Error("not the password that was set")
	}
	info, err := os.Stat(filepath.Join(a.root, "etc/shadow"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("shadow: %v, %v", info.Mode(), err)
	}
	const hash = "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
	if err := a.setPassword("root", hash, true); err != nil || !a.verify("root", "Hello world!") {
		t.Errorf("a hash: %v", err)
	}
	for password, hashed := range map[string]bool{"$y$j9T$a$b": true, "$6$a:b": true, "two\nlines": false} {
		if err := a.setPassword("root", password, hashed); err == nil {
			t.Errorf("password %q was taken", password)
		}
	}
	if err := a.setPassword("ghost", "x", false); !errors.Is(err, errNoAccount) {
		t.Errorf("ghost: %v", err)
	}
	if !a.verify("root", "Hello world!") {
		t.Error("a refused change has changed something")
	}
}

func TestSetShadowKeepsTheRest(t *testing.T) {
	t.Parallel()
	got, err := setShadow([]byte("root:*:1:0:9:7:::\nnobody:!:2:0:9:7:::\n"), "nobody", "$6$x$y")
	if want := "root:*:1:0:9:7:::\nnobody:$6$x$y:2:0:9:7:::\n"; err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAuthorizedKeys(t *testing.T) {
	t.Parallel()
	a := &accounts{root: testRoot(t)}
	first, firstLine := publicKey(t, 1)
	second, secondLine := publicKey(t, 2)
	root, err := a.find("root")
	if err != nil {
		t.Fatal(err)
	}
	if a.authorized(root, first) {
		t.Fatal("a fresh image lets a key in")
	}
	for range 2 {
		refused, err := a.authorize("root", []string{firstLine + "\n", "ssh-rsa nonsense", firstLine + "\n" + secondLine})
		if err != nil || len(refused) != 2 {
			t.Fatalf("authorize: %v, refused %q", err, refused)
		}
	}
	file, err := os.ReadFile(a.keysFile(root))
	if err != nil || string(file) != firstLine+"\n" {
		t.Errorf("authorized_keys %q, %v", file, err)
	}
	if !a.authorized(root, first) || a.authorized(root, second) {
		t.Error("not the key that was authorised")
	}
	if err := os.WriteFile(a.keysFile(root), []byte("# remark\n\ncommand=\"false\" "+firstLine+"\n"+secondLine), 0o600); err != nil {
		t.Fatal(err)
	}
	if a.authorized(root, first) {
		t.Error("a restricted key was let in without its restriction")
	}
	if !a.authorized(root, second) {
		t.Error("the key behind it was not found")
	}
	edited, _ := addKeys([]byte(secondLine), []string{firstLine})
	if string(edited) != secondLine+"\n"+firstLine+"\n" {
		t.Errorf("appended to a line without an end: %q", edited)
	}
}
