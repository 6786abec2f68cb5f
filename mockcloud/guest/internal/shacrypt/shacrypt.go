// SPDX-License-Identifier: MPL-2.0

// Package shacrypt is the SHA-256 ($5$) and SHA-512 ($6$) password hash of crypt(3), after Ulrich
// Drepper's "Unix crypt using SHA-256 and SHA-512" (version 0.6). The guest keeps its passwords in
// /etc/shadow, where busybox's login has to be able to read them too.
package shacrypt

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"errors"
	"hash"
	"strconv"
	"strings"
)

const (
	alphabet      = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	roundsDefault = 5000
	roundsMin     = 1000
	roundsMax     = 999999999
	saltMax       = 16
	roundsPrefix  = "rounds="
)

// ErrUnsupported says that a hash is of another kind than $5$ and $6$.
var ErrUnsupported = errors.New("unsupported password hash, want $5$ or $6$")

// scheme is what distinguishes the two: the digest, and the order in which its bytes are written.
type scheme struct {
	prefix string
	digest func() hash.Hash
	order  []int
}

var sha256Scheme = scheme{"$5$", sha256.New, []int{
	0, 10, 20, 21, 1, 11, 12, 22, 2, 3, 13, 23, 24, 4, 14, 15, 25, 5, 6, 16, 26, 27, 7, 17, 18, 28, 8, 9, 19, 29, -1, 31, 30,
}}

var sha512Scheme = scheme{"$6$", sha512.New, []int{
	0, 21, 42, 22, 43, 1, 44, 2, 23, 3, 24, 45, 25, 46, 4, 47, 5, 26, 6, 27, 48, 28, 49, 7, 50, 8, 29, 9, 30, 51, 31, 52,
	10, 53, 11, 32, 12, 33, 54, 34, 55, 13, 56, 14, 35, 15, 36, 57, 37, 58, 16, 59, 17, 38, 18, 39, 60, 40, 61, 19, 62, 20, 41,
	-1, -1, 63,
}}

// Hash is the $6$ hash of a password under a fresh salt of 96 bits.
func Hash(password string) string {
	raw := make([]byte, saltMax)
	rand.Read(raw) // never fails: it ends the program instead
	salt := make([]byte, saltMax)
	for i, b := range raw {
		salt[i] = alphabet[b&63]
	}
	return sha512Scheme.crypt(password, string(salt), roundsDefault, false)
}

// Supported reports whether Verify understands the hash.
func Supported(hashed string) bool {
	_, err := schemeOf(hashed)
	return err == nil
}

// Verify reports whether the password is the one that was hashed; false for a locked or empty
// entry of /etc/shadow and for every kind of hash that is not supported.
func Verify(password, hashed string) bool {
	got, err := Crypt(password, hashed)
	return err == nil && subtle.ConstantTimeCompare([]byte(got), []byte(hashed)) == 1
}

// Crypt is crypt(3): it hashes under the scheme, rounds and salt that setting begins with, which may
// be a whole hash.
func Crypt(password, setting string) (string, error) {
	s, err := schemeOf(setting)
	if err != nil {
		return "", err
	}
	rest := strings.TrimPrefix(setting, s.prefix)
	rounds, explicit := roundsDefault, false
	if number, after, found := strings.Cut(rest, "$"); found && strings.HasPrefix(number, roundsPrefix) {
		n, err := strconv.Atoi(strings.TrimPrefix(number, roundsPrefix))
		if err != nil {
			return "", ErrUnsupported
		}
		rounds, explicit, rest = min(max(n, roundsMin), roundsMax), true, after
	}
	salt, _, _ := strings.Cut(rest, "$")
	return s.crypt(password, salt[:min(len(salt), saltMax)], rounds, explicit), nil
}

func schemeOf(hashed string) (scheme, error) {
	for _, s := range []scheme{sha256Scheme, sha512Scheme} {
		if strings.HasPrefix(hashed, s.prefix) {
			return s, nil
		}
	}
	return scheme{}, ErrUnsupported
}

func (s scheme) crypt(password, salt string, rounds int, explicit bool) string {
	sum := s.stretch([]byte(password), []byte(salt), rounds)
	var b strings.Builder
	b.WriteString(s.prefix)
	if explicit {
		b.WriteString(roundsPrefix + strconv.Itoa(rounds) + "$")
	}
	b.WriteString(salt + "$")
	s.encode(&b, sum)
	return b.String()
}

// stretch follows the steps of the specification; the step numbers are its own.
func (s scheme) stretch(password, salt []byte, rounds int) []byte {
	alternate := s.sum(password, salt, password) // 4-8

	a := s.digest() // 1-3
	a.Write(password)
	a.Write(salt)
	a.Write(repeat(alternate, len(password))) // 9-10
	for n := len(password); n > 0; n >>= 1 {  // 11
		if n&1 != 0 {
			a.Write(alternate)
		} else {
			a.Write(password)
		}
	}
	sum := a.Sum(nil) // 12

	dp := s.digest() // 13-16
	for range password {
		dp.Write(password)
	}
	p := repeat(dp.Sum(nil), len(password))

	ds := s.digest() // 17-20
	for range 16 + int(sum[0]) {
		ds.Write(salt)
	}
	spice := repeat(ds.Sum(nil), len(salt))

	for i := range rounds { // 21
		c := s.digest()
		odd := i%2 != 0
		c.Write(pick(odd, p, sum))
		if i%3 != 0 {
			c.Write(spice)
		}
		if i%7 != 0 {
			c.Write(p)
		}
		c.Write(pick(odd, sum, p))
		sum = c.Sum(sum[:0])
	}
	return sum
}

func (s scheme) sum(parts ...[]byte) []byte {
	h := s.digest()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// encode writes the sum as base 64, three bytes in the scheme's order at a time, least significant
// six bits first (step 22).
func (s scheme) encode(b *strings.Builder, sum []byte) {
	for i := 0; i < len(s.order); i += 3 {
		var word uint
		digits := 4
		for _, index := range s.order[i : i+3] {
			word <<= 8
			if index < 0 {
				digits--
				continue
			}
			word |= uint(sum[index])
		}
		for range digits {
			b.WriteByte(alphabet[word&63])
			word >>= 6
		}
	}
}

// repeat is sum over and over, n bytes of it.
func repeat(sum []byte, n int) []byte {
	out := make([]byte, 0, n+len(sum))
	for len(out) < n {
		out = append(out, sum...)
	}
	return out[:n]
}

func pick(first bool, a, b []byte) []byte {
	if first {
		return a
	}
	return b
}
