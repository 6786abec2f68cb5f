// SPDX-License-Identifier: MPL-2.0

package shacrypt_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest/internal/shacrypt"
)

// TestVectors are the specification's inputs; the hashes are what `openssl passwd` answers to them.
func TestVectors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ setting, password, want string }{
		{
			"$6$saltstring", "Hello world!",
			"$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1",
		},
		{
			"$6$rounds=10000$saltstringsaltstring", "Hello world!",
			"$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v.",
		},
		{
			"$6$rounds=10$roundstoolow", "the minimum number is still observed",
			"$6$rounds=1000$roundstoolow$kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX.",
		},
		{
			"$5$saltstring", "Hello world!",
			"$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
		},
		{
			"$5$rounds=10000$saltstringsaltstring", "Hello world!",
			"$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
		},
	} {
		got, err := shacrypt.Crypt(tt.password, tt.setting)
		if err != nil || got != tt.want {
			t.Errorf("Crypt(%q, %q) = %q, %v; want %q", tt.password, tt.setting, got, err, tt.want)
		}
	}
}

func TestHashVerifies(t *testing.T) {
	t.Parallel()
	hashed := shacrypt.Hash("péage")
	if !strings.HasPrefix(hashed, "$6$") || !shacrypt.Supported(hashed) {
		t.Fatalf("Hash = %q", hashed)
	}
	if !shacrypt.Verify("péage", hashed) {
		t.Error("the password was refused")
	}
	if shacrypt.Verify("peage", hashed) || shacrypt.Verify("", hashed) {
		t.Error("another password was accepted")
	}
	if shacrypt.Hash("péage") == hashed {
		t.Error("two hashes share a salt")
	}
}

func TestLockedAndForeignEntriesNeverVerify(t *testing.T) {
	t.Parallel()
	for _, entry := range []string{"", "*", "!", "x", "!$6$a$b", "$y$j9T$abc$def", "$1$abc$def", "$6$", "$6$rounds=x$a$b"} {
		if shacrypt.Verify("", entry) || shacrypt.Verify(entry, entry) {
			t.Errorf("entry %q lets a password in", entry)
		}
	}
	if _, err := shacrypt.Crypt("x", "$y$j9T$abc"); !errors.Is(err, shacrypt.ErrUnsupported) {
		t.Errorf("yescrypt: %v", err)
	}
}
