// SPDX-License-Identifier: MPL-2.0

package api

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

const versionHeader = "OpenStack-API-Version"

var versionSyntax = regexp.MustCompile(`^([1-9]\d*)\.([1-9]\d*|0)$`)

// negotiate finds the version that the request asks for: by OpenStack-API-Version, else by the
// legacy header, else the least. 400 for nonsense, 406 for what is outside the range.
func (m *Microversions) negotiate(h http.Header) (Version, error) {
	asked := ""
	if !m.OnlyLegacy {
		asked = m.asked(h)
	}
	if asked == "" && m.Legacy != "" {
		asked = strings.TrimSpace(h.Get(m.Legacy))
	}
	switch {
	case asked == "":
		return m.Min, nil
	case strings.EqualFold(asked, "latest"):
		return m.Max, nil
	}
	parts := versionSyntax.FindStringSubmatch(asked)
	if parts == nil {
		return m.Min, BadRequest("API Version String %s is of invalid format. Must be of format MajorNum.MinorNum.", asked)
	}
	minor, err := strconv.Atoi(parts[2])
	if err != nil || parts[1] != m.Major || Version(minor) < m.Min || Version(minor) > m.Max {
		return m.Min, NewFault(http.StatusNotAcceptable,
			"Version %s is not supported by the API. Minimum is %s and maximum is %s.", asked, m.Text(m.Min), m.Text(m.Max))
	}
	return Version(minor), nil
}

// asked is what OpenStack-API-Version says of this service; "" for nothing.
func (m *Microversions) asked(h http.Header) (asked string) {
	for _, value := range h.Values(versionHeader) {
		for item := range strings.SplitSeq(value, ",") {
			service, version, ok := strings.Cut(strings.TrimSpace(item), " ")
			if ok && strings.EqualFold(service, m.Service) {
				asked = strings.TrimSpace(version)
			}
		}
	}
	return asked
}

// announce tells the version of an answer, and that the answer depends on it.
func (m *Microversions) announce(h http.Header, v Version) {
	if !m.OnlyLegacy {
		h.Set(versionHeader, m.Service+" "+m.Text(v))
		h.Add("Vary", versionHeader)
	}
	if m.Legacy != "" {
		h.Set(m.Legacy, m.Text(v))
		h.Add("Vary", m.Legacy)
	}
}
