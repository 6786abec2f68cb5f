// SPDX-License-Identifier: MPL-2.0

package keystone

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
)

// Passwords are kept as PBKDF2-HMAC-SHA256, the key derivation of the standard library. What it costs
// is a choice between two dangers: too cheap, and a stolen state gives away what people chose; too
// dear, and every cloud of a test run pays at its start and at each login. So the cost depends on who
// made the secret. One that we made has 192 random bits and cannot be guessed at any cost. One that a
// person chose gets an amount that is felt by a guesser and not by a test (a few milliseconds); it is
// below what a production Keystone should use, and a mock cloud should not be given such passwords.
// The cost is part of the hash, so either may change without a migration.
const (
	madeCost   = 1_000
	chosenCost = 20_000
	saltBytes  = 16
)

const scheme = "pbkdf2-sha256"

// newSecret is a secret of 192 random bits, in letters, digits, - and _.
func newSecret() string { return random(24) }

func random(bytes int) string {
	raw := make([]byte, bytes)
	_, _ = rand.Read(raw) // never fails: crypto/rand
	return base64.RawURLEncoding.EncodeToString(raw)
}

// hashPassword is slow by design: never call it inside an Update.
func hashPassword(password string, cost int) (string, error) {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt)
	key, err := pbkdf2.Key(sha256.New, password, salt, cost, sha256.Size)
	if err != nil {
		return "", err
	}
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("%s$%d$%s$%s", scheme, cost, encode(salt), encode(key)), nil
}

// passwordMatches reports whether the password is the hashed one. An empty hash matches
// nothing and takes as long as that of a chosen password, so that the time of a refusal does not tell
// which users exist.
func passwordMatches(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 4 || parts[0] != scheme {
		_, _ = hashPassword(password, chosenCost)
		return false
	}
	cost, errCost := strconv.Atoi(parts[1])
	salt, errSalt := base64.RawStdEncoding.DecodeString(parts[2])
	want, errKey := base64.RawStdEncoding.DecodeString(parts[3])
	if errCost != nil || errSalt != nil || errKey != nil {
		return false
	}
	got, err := pbkdf2.Key(sha256.New, password, salt, cost, len(want))
	return err == nil && subtle.ConstantTimeCompare(got, want) == 1
}
