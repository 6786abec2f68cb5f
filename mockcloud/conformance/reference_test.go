// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// references is where the published documents about Nova are, which are no part of this repository.
const references = "../../../shared/reference/"

// described is an operation as a document describes it.
type described struct {
	heading      string // as the document has it; " #2" after it is the second of that name
	method, path string
	codes        []int
	parameters   []string // of the request, but those of the path
	shown        []string // of the answer
	requests     []example
	answers      []example
}

// example is a body of a document.
type example struct {
	file string // of which it is, unless it stands in the document
	at   int    // the minor version
	body any    // nil where the file is no more
}

// readReference skips where the document is not.
func readReference(t testing.TB, file string) string {
	t.Helper()
	raw, err := os.ReadFile(references + file)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the reference documents are not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// numbered tells operations of the same heading apart.
func numbered(all []*described) []*described {
	seen := map[string]int{}
	for _, d := range all {
		seen[d.heading]++
		if n := seen[d.heading]; n > 1 {
			d.heading += fmt.Sprintf(" #%d", n)
		}
	}
	return all
}

func numbersOf(text string) []int {
	var all []int
	for _, digits := range regexp.MustCompile(`\d+`).FindAllString(text, -1) {
		n, _ := strconv.Atoi(digits) // digits they are
		all = append(all, n)
	}
	return all
}

// The document of Kilo is lines: the method, the path, the heading, then parameters and bodies.
var (
	kiloStart     = regexp.MustCompile(`(?m)^(GET|POST|PUT|DELETE)\n(/\S*)\n(.+)\n`)
	kiloCodes     = regexp.MustCompile(`(?m)^Normal response codes\n(.+)$`)
	kiloParameter = regexp.MustCompile(`(?m)^(\S+) (?:\(Optional\) )?(plain|query) \S+`)
	kiloExample   = regexp.MustCompile(`(?m)^\{`)
)

// readKilo are the operations of the Compute API v2.1 as of Kilo.
func readKilo(t testing.TB, text string) []*described {
	t.Helper()
	var all []*described
	starts := kiloStart.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1][0]
		}
		section := text[at[1]:end]
		d := &described{method: text[at[2]:at[3]], path: text[at[4]:at[5]], heading: text[at[6]:at[7]]}
		if codes := kiloCodes.FindStringSubmatch(section); codes != nil {
			d.codes = numbersOf(codes[1])
		}
		asked, shown, _ := strings.Cut(section, "\nResponse parameters\n")
		for _, p := range kiloParameter.FindAllStringSubmatch(asked, -1) {
			d.parameters = append(d.parameters, p[1])
		}
		for _, p := range kiloParameter.FindAllStringSubmatch(shown, -1) {
			d.shown = append(d.shown, p[1])
		}
		d.assign(section, kiloExamples(t, section))
		all = append(all, d)
	}
	return numbered(all)
}

func kiloExamples(t testing.TB, section string) []example {
	t.Helper()
	var found []example
	for {
		at := kiloExample.FindStringIndex(section)
		if at == nil {
			return found
		}
		section = section[at[0]:]
		decoder := json.NewDecoder(strings.NewReader(section))
		var body any
		if err := decoder.Decode(&body); err != nil {
			t.Fatalf("an example of the document: %v: %.80s", err, section)
		}
		found = append(found, example{at: 1, body: body})
		section = section[decoder.InputOffset():]
	}
}

// assign tells requests from answers: the document shows the former first, and says where there are none.
func (d *described) assign(section string, all []example) {
	asks := !strings.Contains(section, "does not accept a request body") && d.method != "GET"
	answers := !strings.Contains(section, "does not return a response body") || d.method == "GET"
	switch half := len(all) / 2; {
	case asks && !answers:
		d.requests = all
	case !asks && len(all) == 1:
		d.answers = all
	default:
		d.requests, d.answers = all[:half], all[half:]
	}
}

// The later documents are Nova's own sources: reStructuredText, one of them without its line breaks.
var (
	sourceStart     = regexp.MustCompile(` (=+) \.\. rest_method:: (\S+) (\S+)`)
	sourceCodes     = regexp.MustCompile(`Normal response codes?: ([\d, ]+)`)
	sourceAnswer    = regexp.MustCompile(` Response -+( |$)`)
	sourceList      = regexp.MustCompile(`rest_parameters:: parameters\.yaml((?: - \S+: \S+)+)`)
	sourceParameter = regexp.MustCompile(` - (\S+): \S+`)
	sourceExample   = regexp.MustCompile(`literalinclude:: \S*api_samples/(\S+)`)
)

// readSource are the operations of a source of Nova's reference, with the samples that it includes.
func readSource(t testing.TB, text string) []*described {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	var all []*described
	starts := sourceStart.FindAllStringSubmatchIndex(text, -1)
	for i, at := range starts {
		end := len(text)
		if i+1 < len(starts) {
			next := starts[i+1]
			end = next[2] - 1 - (next[3] - next[2])
		}
		underline := at[3] - at[2] // as long as the heading above it
		section := text[at[1]:end]
		d := &described{method: text[at[4]:at[5]], path: text[at[6]:at[7]], heading: text[at[2]-1-underline : at[2]-1]}
		if codes := sourceCodes.FindStringSubmatch(section); codes != nil {
			d.codes = numbersOf(codes[1])
		}
		asked, shown := section, ""
		if cut := sourceAnswer.FindStringIndex(section); cut != nil {
			asked, shown = section[:cut[0]], section[cut[0]:]
		}
		d.parameters, d.shown = sourceParameters(asked), sourceParameters(shown)
		d.parameters = slices.DeleteFunc(d.parameters, func(name string) bool { return strings.Contains(d.path, "{"+name+"}") })
		d.requests, d.answers = sourceExamples(t, asked), sourceExamples(t, shown)
		all = append(all, d)
	}
	return numbered(all)
}

func sourceParameters(text string) []string {
	var names []string
	for _, list := range sourceList.FindAllStringSubmatch(text, -1) {
		for _, p := range sourceParameter.FindAllStringSubmatch(list[1], -1) {
			names = append(names, p[1])
		}
	}
	return names
}

func sourceExamples(t testing.TB, text string) []example {
	t.Helper()
	var all []example
	for _, include := range sourceExample.FindAllStringSubmatch(text, -1) {
		e := example{file: include[1], at: minor(strings.TrimPrefix(filepath.Base(filepath.Dir(include[1])), "v"), 1)}
		raw, err := os.ReadFile(filepath.Join(samplesDir, e.file))
		if err == nil {
			err = json.Unmarshal(raw, &e.body)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	return all
}
