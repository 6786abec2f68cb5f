// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// everything has a field of each kind that the decoder reads.
type everything struct {
	Text    string            `json:"text"    len:"1-5" pattern:"^[a-z]*$"`
	Choice  string            `json:"choice"  oneof:"ion steam" nova:"2.2-"`
	ID      Opt[string]       `json:"id"      null:"ok" format:"uuid"`
	Name    string            `json:"name"    format:"regex"`
	IP      string            `json:"ip"      format:"ip"`
	Data    string            `json:"data"    format:"base64"`
	When    Opt[string]       `json:"when"    null:"ok" format:"date-time"`
	Whole   Integer           `json:"whole"   range:"-1-9"`
	Natural Natural           `json:"natural" need:"2.3-"`
	Yes     Boolean           `json:"yes"`
	List    []string          `json:"list"    len:"0-3" itemlen:"1-4"`
	Things  []thing           `json:"things"  len:"0-2"`
	Map     map[string]string `json:"map"     keys:"^[a-z]+$" itemlen:"0-3"`
	Word    WordOr[[]thing]   `json:"word"    oneof:"auto none"`
	Any     any               `json:"any"     nova:"2.2-2.4"`
	Pointer *thing            `json:"pointer"`
}

type thing struct {
	UUID string `json:"uuid" need:"2.1-" format:"uuid"`
	Tag  string `json:"tag"  nova:"2.3-" len:"1-60"`
}

// FuzzDecode gives the decoder any JSON there is: it decodes it or says what is wrong with it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"text": "abc", "whole": "7", "natural": 0}`, `{"word": "auto"}`, `{"word": [{"uuid": "4ba20d5e-7c9b-4d5d-9d6b-0f6f5a1f2f5e"}]}`,
		`{"things": [{"uuid": null}, {"tag": [1, null]}], "any": [{"x": 1e400}]}`, `{"when": "2026-01-02T03:04:05Z", "yes": "On"}`,
		`{"ip": "192.0.2.1", "data": "YQ==", "name": " x"}`, `{"whole": 1e999, "natural": -1.5}`, `[[[[]]]]`, `{"pointer": {"uuid": 5}}`,
	} {
		f.Add(seed, uint8(1), false)
		f.Add(seed, uint8(4), true)
	}
	types := &planner{}
	types.check(reflect.TypeFor[everything]())
	f.Fuzz(func(t *testing.T, text string, version uint8, loose bool) {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber()
		var body any
		if decoder.Decode(&body) != nil {
			return
		}
		route := &Route{name: "thing", in: reflect.TypeFor[everything]()}
		_, err := types.decodeBody(route, Version(version%8), tolerance{loose, loose}, map[string]any{"thing": body})
		if fault := AsFault(err); err != nil && (fault == nil || fault.Code != http.StatusBadRequest) {
			t.Errorf("%s: %v", text, err)
		}
	})
}

// FuzzQuery gives a service any query there is.
func FuzzQuery(f *testing.F) {
	for _, seed := range []string{"", "limit=1", "limit=-1&marker=%00", "name=%5B", "name=a&name=(&sort_dir=asc", "limit=99999999999999999999", "%zz", ";=&=;"} {
		f.Add(seed, "2.5")
	}
	f.Add("limit=1", "latest")
	handler := spaceService().Handler()
	f.Fuzz(func(t *testing.T, query, version string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/compute/v2.1/rockets", nil)
		r.URL = &url.URL{Path: "/compute/v2.1/rockets", RawQuery: query}
		r.Header.Set("X-Auth-Token", "anna")
		r.Header.Set("X-OpenStack-Nova-API-Version", version)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%q: %d %s", query, w.Code, w.Body)
		}
	})
}

// FuzzPolicy reads any policy file there is, and asks what it says.
func FuzzPolicy(f *testing.F) {
	for _, seed := range []string{"fly: role:admin and not (user_id:%(user_id)s or @)", "{\"fly\": \"!\"}", "fly: rule:fly", "a: [b]", "? ?", "&a b: *a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		file, err := ParsePolicyFile("f", []byte(content))
		if err != nil {
			return
		}
		policy, _, err := PolicyRules{"context_is_admin": "role:admin", "fly": "@"}.Override(file)
		if err != nil {
			return
		}
		for _, check := range policy {
			check(&Identity{UserID: "u"}, Target{UserID: "u"})
		}
	})
}
