// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
)

// inWords is what a certificate of an RSA key says, the way that openssl puts it before the PEM of one that it
// signs.
func inWords(c *x509.Certificate) string {
	const moment = "Jan _2 15:04:05 2006 GMT"
	var out strings.Builder
	say := func(indent int, format string, args ...any) {
		out.WriteString(strings.Repeat(" ", indent) + fmt.Sprintf(format, args...) + "\n")
	}
	say(0, "Certificate:")
	say(4, "Data:")
	say(8, "Version: %d (%#x)", c.Version, c.Version-1)
	say(8, "Serial Number: %d (%#x)", c.SerialNumber, c.SerialNumber)
	say(4, "Signature Algorithm: %s", signatures[c.SignatureAlgorithm])
	say(8, "Issuer: %s", nameInWords(c.Issuer))
	say(8, "Validity")
	say(12, "Not Before: %s", c.NotBefore.UTC().Format(moment))
	say(12, "Not After : %s", c.NotAfter.UTC().Format(moment))
	say(8, "Subject: %s", nameInWords(c.Subject))
	if key, ok := c.PublicKey.(*rsa.PublicKey); ok {
		say(8, "Subject Public Key Info:")
		say(12, "Public Key Algorithm: rsaEncryption")
		say(16, "Public-Key: (%d bit)", key.N.BitLen())
		say(16, "Modulus:")
		for _, line := range dump(append([]byte{0}, key.N.Bytes()...), 15) {
			say(20, "%s", line)
		}
		say(16, "Exponent: %d (%#x)", key.E, key.E)
	}
	say(4, "Signature Algorithm: %s", signatures[c.SignatureAlgorithm])
	for _, line := range dump(c.Signature, 18) {
		say(9, "%s", line)
	}
	return out.String()
}

// signatures are openssl's names of the algorithms that we sign by.
var signatures = map[x509.SignatureAlgorithm]string{x509.SHA256WithRSA: "sha256WithRSAEncryption"}

// dump is bytes in hexadecimal, so many to a line.
func dump(raw []byte, width int) []string {
	var lines []string
	for part := range slices.Chunk(raw, width) {
		lines = append(lines, colons(part)+":")
	}
	if last := len(lines) - 1; last >= 0 {
		lines[last] = strings.TrimSuffix(lines[last], ":")
	}
	return lines
}

// nameInWords is a distinguished name, in its order.
func nameInWords(name pkix.Name) string {
	known := map[string]string{"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU"}
	parts := make([]string, len(name.Names))
	for i, part := range name.Names {
		parts[i] = fmt.Sprintf("%s=%v", known[part.Type.String()], part.Value)
	}
	return strings.Join(parts, ", ")
}
