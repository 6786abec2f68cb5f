// SPDX-License-Identifier: MPL-2.0

package client

import (
	"fmt"
	"strconv"
	"strings"
)

// Microversion is the N of Nova's API version 2.N.
type Microversion int

// ParseMicroversion reads "2.N".
func ParseMicroversion(text string) (Microversion, error) {
	minor, ok := strings.CutPrefix(text, "2.")
	n, err := strconv.ParseUint(minor, 10, 16)
	if !ok || err != nil || n < 1 {
		return 0, fmt.Errorf("a microversion of Nova is written 2.N, with N from 1 up; this is %q", text)
	}
	return Microversion(n), nil
}

func (v Microversion) String() string { return "2." + strconv.Itoa(int(v)) }

// TooOldError says that the cloud does not offer a microversion.
type TooOldError struct {
	Needs, Offers Microversion
	// Ceiling is the provider's max_microversion if that is what limits, else 0.
	Ceiling Microversion
}

func (e *TooOldError) Error() string {
	if e.Ceiling != 0 {
		return fmt.Sprintf("it needs microversion %s of Nova's API; the cloud offers up to %s, but max_microversion allows no more than %s",
			e.Needs, e.Offers, e.Ceiling)
	}
	return fmt.Sprintf("it needs microversion %s of Nova's API; this cloud offers up to %s", e.Needs, e.Offers)
}
