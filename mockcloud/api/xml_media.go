// SPDX-License-Identifier: MPL-2.0

package api

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// media is a type that bodies have, on the mounts that have more than one.
type media struct {
	name      string
	xml, atom bool
}

// medias are the types of answers; of those that a client likes alike the first is taken.
var medias = []media{
	{name: "application/json"},
	{name: "application/vnd.openstack.compute+json"},
	{name: "application/xml", xml: true},
	{name: "application/vnd.openstack.compute+xml", xml: true},
	{name: "application/atom+xml", atom: true},
}

// fault is the type's name where a fault is told in it.
func (m media) fault() string {
	if m.atom {
		return medias[0].name
	}
	return m.name
}

// suffixes of paths name a type, and are stronger than headers.
var suffixes = map[string]media{".json": medias[0], ".xml": medias[2]}

// hasXML reports whether a mount has XML: the legacy ones, and the service's root. nil is no mount.
func (s *Service) hasXML(m *Mount) bool {
	return s.XML != nil && m != nil && (m.Legacy || m.Path == "")
}

// cutsSuffixes reports whether paths below a mount may end in that of a type.
func (s *Service) cutsSuffixes(m *Mount) bool { return s.hasXML(m) || m != nil && m.Suffixes }

// answerMedia is the type that the request wants to be answered in: the one that the path's suffix names, else the one
// that it accepts most gladly, else JSON.
func answerMedia(r *http.Request) media {
	if m, _ := cutSuffix(r.URL.Path); m.name != "" {
		return m
	}
	best, liked := medias[0], 0.0
	for _, m := range medias {
		if q := quality(r.Header.Values("Accept"), m.name); q > liked {
			best, liked = m, q
		}
	}
	return best
}

// cutSuffix is the type that a path's suffix names, and the path without it.
func cutSuffix(path string) (media, string) {
	for suffix, m := range suffixes {
		if rest, found := strings.CutSuffix(path, suffix); found && !strings.HasSuffix(rest, "/") {
			return m, rest
		}
	}
	return media{}, path
}

// quality is how gladly a type is accepted, from 0 to 1: what the most exact of the ranges that it is in says.
func quality(accept []string, name string) float64 {
	kind, _, _ := strings.Cut(name, "/")
	exactness, liked := 0, 0.0
	for item := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		asked, parameters, _ := strings.Cut(strings.TrimSpace(item), ";")
		exact := map[string]int{"*/*": 1, kind + "/*": 2, name: 3}[strings.ToLower(strings.TrimSpace(asked))]
		if exact > 0 && exact >= exactness {
			exactness, liked = exact, qualityOf(parameters)
		}
	}
	return liked
}

func qualityOf(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		if text, found := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q="); found {
			if q, err := strconv.ParseFloat(text, 64); err == nil && q >= 0 && q <= 1 {
				return q
			}
		}
	}
	return 1
}

// bodyMedia is the type of the request's body; false for one that we do not read.
func bodyMedia(r *http.Request) (media, bool) {
	kind := r.Header.Get("Content-Type")
	if parsed, _, err := mime.ParseMediaType(kind); err == nil {
		kind = parsed
	}
	for _, m := range medias {
		if m.name == kind && !m.atom {
			return m, true
		}
	}
	return medias[0], kind == "" || isJSON(kind)
}
