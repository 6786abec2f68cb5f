// SPDX-License-Identifier: MPL-2.0

package keypair

import (
	"encoding/pem"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// TestGenerate: both halves are of one key, of the kind that was asked for, and fit for Nova.
func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		algorithm string
		bits      int
		kind      string
	}{
		{"", 0, "ssh-ed25519"}, {"ed25519", 0, "ssh-ed25519"}, {"ecdsa", 0, "ecdsa-sha2-nistp256"}, {"ecdsa", 384, "ecdsa-sha2-nistp384"},
		{"ecdsa", 521, "ecdsa-sha2-nistp521"}, {"rsa", 2048, "ssh-rsa"},
	} {
		made, err := generate(test.algorithm, test.bits, "a comment")
		if err != nil {
			t.Fatal(err)
		}
		signer, err := ssh.ParsePrivateKey([]byte(made.private))
		if err != nil {
			t.Fatal(err)
		}
		public, comment, _, rest, err := ssh.ParseAuthorizedKey([]byte(made.public))
		if err != nil || comment != "a comment" || len(rest) > 0 || strings.HasSuffix(made.public, "\n") {
			t.Errorf("%q: %v", made.public, err)
		}
		if string(public.Marshal()) != string(signer.PublicKey().Marshal()) || public.Type() != test.kind {
			t.Errorf("%s %d: a %s, or halves of two keys", test.algorithm, test.bits, public.Type())
		}
		if err := checkKey("ssh", made.public); err != nil {
			t.Error(err)
		}
		if err := checkKey("ssh", made.private); err == nil || !strings.Contains(err.Error(), "private key") {
			t.Errorf("a private key was taken for a public one: %v", err)
		}
		if made.sha256 != ssh.FingerprintSHA256(signer.PublicKey()) || strings.Count(made.md5, ":") != 15 {
			t.Errorf("fingerprints %s and %s", made.sha256, made.md5)
		}
	}
	one, _ := generate("ed25519", 0, "")
	if two, _ := generate("ed25519", 0, ""); one.public == two.public || len(strings.Fields(one.public)) != 2 {
		t.Errorf("%q and %q", one.public, two.public)
	}
}

func TestCheckKey(t *testing.T) {
	t.Parallel()
	made, err := generate("ed25519", 0, "")
	if err != nil {
		t.Fatal(err)
	}
	word := strings.Fields(made.public)[1]
	for name, test := range map[string]struct{ kind, key, says string }{
		"good":                {"ssh", made.public + " someone\n", ""},
		"no type given":       {"", made.public, ""},
		"half a line":         {"ssh", word, "one line"},
		"two lines":           {"ssh", made.public + "\n" + made.public, "one line"},
		"no base64":           {"ssh", "ssh-ed25519 !", "base64"},
		"no key":              {"ssh", "ssh-ed25519 AAAA", "can be read"},
		"another type":        {"ssh", "ssh-rsa " + word, "says that it is of type"},
		"no certificate":      {"x509", made.public, "certificate"},
		"a false certificate": {"x509", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{1}})), "can be read"},
	} {
		err := checkKey(test.kind, test.key)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), word) {
			t.Errorf("%s: the error quotes the key", name)
		}
	}
}
