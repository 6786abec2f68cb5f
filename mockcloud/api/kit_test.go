// SPDX-License-Identifier: MPL-2.0

package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type rocketCreate struct {
	Name   string            `json:"name"   need:"2.1-" len:"1-5"`
	Fuel   string            `json:"fuel"   nova:"2.2-" need:"2.4-" oneof:"ion steam"`
	Stages Integer           `json:"stages" range:"1-9"`
	Crew   Opt[string]       `json:"crew"   nova:"2.3-" null:"ok" format:"uuid"`
	Meta   map[string]string `json:"meta"   keys:"^[a-z]+$" itemlen:"0-3"`
	Old    bool              `json:"old"    nova:"-2.2"`
}

type rocket struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Number int    `json:"number" nova:"-2.2"`
	UUID   string `json:"number" nova:"2.3-"`
	extra  `nova:"2.4-"`
	Crew   Opt[string] `json:"crew,omitempty"`
	Links  []Link      `json:"links"`
}

type extra struct {
	Tags []string `json:"tags" nova:"2.5-"`
	Lock bool     `json:"lock"`
}

type rocketQuery struct {
	Paging
	Name []string `json:"name" format:"regex"`
}

type people map[string]*Identity

func (p people) Authenticate(_ context.Context, token string) (*Identity, error) {
	if id := p[token]; id != nil {
		return id, nil
	}
	return nil, Unauthorized("no such token")
}

const project = "11111111222233334444555555555555"

func space(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(spaceService().Handler())
	t.Cleanup(server.Close)
	return server
}

func spaceService() *Service {
	list := func(c *Call) (Page[rocket], error) {
		all := []rocket{{ID: "a", Name: "one"}, {ID: "b", Name: "two"}, {ID: "c", Name: "six"}}
		return Paged(c, all, Query[rocketQuery](c).Paging, 1000, func(r rocket) string { return r.ID })
	}
	create := func(c *Call, in *rocketCreate) (rocket, error) {
		return rocket{ID: "z", Name: in.Name, Number: int(in.Stages), UUID: "u-" + in.Fuel, Crew: in.Crew, Links: c.Links("/rockets/z")}, nil
	}
	return &Service{
		Type: "compute", Prefix: "/compute", Fault: NovaFault,
		Mounts:   []Mount{{Path: "/v2.1", Project: true}, {Path: "/v2", Project: true, Legacy: true}},
		Versions: &Microversions{Service: "compute", Major: "2", Legacy: "X-OpenStack-Nova-API-Version", Min: 1, Max: 5},
		Policy:   Policy{"admin": Role("admin")},
		Auth: people{
			"anna": {UserID: "anna", ProjectID: project, Roles: []string{"member"}},
			"root": {UserID: "root", ProjectID: project, Roles: []string{"admin"}},
		},
		Root: []Route{Get("/", "", func(*Call) (map[string]int, error) { return map[string]int{"v": 1}, nil }).Public()},
		Routes: []Route{
			Get("/rockets", "rockets", list).AskedBy(QueryOf[rocketQuery]()).Loose("-2.2"),
			Post("/rockets", "rocket", create).Codes(Since[int]{{1, 200}, {3, 201}}),
			Get("/rockets/{id}", "rocket", func(c *Call) (rocket, error) { return rocket{}, NotFound("Rocket %s is not here.", c.Var("id")) }),
			Get("/rockets/best", "rocket", func(*Call) (rocket, error) { return rocket{ID: "best"}, nil }),
			Delete("/rockets/{id}", func(*Call) error { return nil }).Codes(Since[int]{{1, 202}, {2, 204}}).Policy("admin"),
			Action("/rockets/{id}/action", "launch", func(*Call, *None) (None, error) { return None{}, nil }),
			Action("/rockets/{id}/action", "land", func(*Call, *rocketQuery) (None, error) { return None{}, nil }).Only("2.5-"),
			Get("/panic", "x", func(*Call) (None, error) { panic("secret") }),
			Get("/broken", "x", func(*Call) (None, error) { return None{}, errors.New("secret") }),
		},
	}
}

// TestExchanges holds whole exchanges: request line, token, version and body against status and a
// part of the answer.
func TestExchanges(t *testing.T) {
	t.Parallel()
	server := space(t)
	for _, x := range []struct {
		name, request, token, version, body string
		status                              int
		answer                              string
	}{
		{"no token", "GET /compute/v2.1/rockets", "", "", "", 401, `"unauthorized"`},
		{"bad token", "GET /compute/v2.1/rockets", "eve", "", "", 401, `no such token`},
		{"public", "GET /compute/", "", "", "", 200, `{"v":1}`},
		{"unknown path", "GET /compute/v2.1/moons", "anna", "", "", 404, `{"itemNotFound":{"code":404,"message":"The resource could not be found."}}`},
		{"wrong method", "PUT /compute/v2.1/rockets", "anna", "", "", 405, `"badMethod"`},
		{"literal before variable", "GET /compute/v2.1/rockets/best", "anna", "", "", 200, `"id":"best"`},
		{"not found", "GET /compute/v2.1/rockets/x", "anna", "", "", 404, "Rocket x is not here."},
		{"project in path", "GET /compute/v2.1/" + project + "/rockets", "anna", "", "", 200, `"id":"a"`},
		{"other project", "GET /compute/v2.1/" + strings.Repeat("9", 32) + "/rockets", "anna", "", "", 400, "doesn't match Context's project_id"},
		{"version nonsense", "GET /compute/v2.1/rockets", "anna", "2.x", "", 400, "API Version String 2.x is of invalid format. Must be of format MajorNum.MinorNum."},
		{"version beyond", "GET /compute/v2.1/rockets", "anna", "2.6", "", 406, `{"computeFault":{"code":406,"message":"Version 2.6 is not supported by the API. Minimum is 2.1 and maximum is 2.5."}}`},
		{"latest", "GET /compute/v2.1/rockets/best", "anna", "latest", "", 200, `"tags":[]`},
		{"create old", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"x","stages":"3"}}`, 200, `"number":3`},
		{"create new", "POST /compute/v2.1/rockets", "anna", "2.4", `{"rocket":{"name":"x","fuel":"ion","crew":null}}`, 201, `"number":"u-ion","lock":false,"crew":null`},
		{"too new a field", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"x","fuel":"ion"}}`, 400,
			"Invalid input for field/attribute rocket. Value: {'fuel': 'ion', 'name': 'x'}. Additional properties are not allowed ('fuel' was unexpected)"},
		{"too old a field", "POST /compute/v2.1/rockets", "anna", "2.3", `{"rocket":{"name":"x","old":true}}`, 400, "('old' was unexpected)"},
		{"missing", "POST /compute/v2.1/rockets", "anna", "2.4", `{"rocket":{"name":"x"}}`, 400, "'fuel' is a required property"},
		{"too short", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":""}}`, 400, "Invalid input for field/attribute name. Value: . '' is too short"},
		{"too long", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"äöüßéß"}}`, 400, "is too long"},
		{"five characters are five", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"äöüßé"}}`, 200, ""},
		{"enumeration", "POST /compute/v2.1/rockets", "anna", "2.2", `{"rocket":{"name":"x","fuel":"coal"}}`, 400, "'coal' is not one of ['ion', 'steam']"},
		{"range", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"x","stages":10}}`, 400, "10 is greater than the maximum of 9"},
		{"type", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":5}}`, 400, "5 is not of type 'string'"},
		{"format", "POST /compute/v2.1/rockets", "anna", "2.3", `{"rocket":{"name":"x","crew":"me"}}`, 400, "'me' is not a 'uuid'"},
		{"map key", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"x","meta":{"A":"b"}}}`, 400, "('A' was unexpected)"},
		{"map value", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"x","meta":{"a":"bcde"}}}`, 400, "field/attribute a. Value: bcde. 'bcde' is too long"},
		{"not JSON", "POST /compute/v2.1/rockets", "anna", "", `{"rocket`, 400, "Malformed request body"},
		{"more than JSON", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":{"name":"x"}}}`, 400, "Malformed request body"},
		{"double slash", "POST /compute/v2.1//rockets", "anna", "", `{"rocket":{"name":"x"}}`, 404, `"itemNotFound"`},
		{"no body", "POST /compute/v2.1/rockets", "anna", "", ``, 400, "None is not of type 'object'"},
		{"not wrapped", "POST /compute/v2.1/rockets", "anna", "", `{"name":"x"}`, 400, "'rocket' is a required property"},
		{"too large", "POST /compute/v2.1/rockets", "anna", "", `{"rocket":"` + strings.Repeat("x", 120000) + `"}`, 413, `"overLimit"`},
		{"legacy tolerates", "POST /compute/v2/rockets", "anna", "", `{"rocket":{"name":"x","wings":2}}`, 200, ""},
		{"policy", "DELETE /compute/v2.1/rockets/a", "anna", "", "", 403, "Policy doesn't allow admin to be performed."},
		{"code by version", "DELETE /compute/v2.1/rockets/a", "root", "", "", 202, ""},
		{"code of a newer version", "DELETE /compute/v2.1/rockets/a", "root", "2.2", "", 204, ""},
		{"action", "POST /compute/v2.1/rockets/a/action", "anna", "", `{"launch":null}`, 202, ""},
		{"no such action", "POST /compute/v2.1/rockets/a/action", "anna", "", `{"fly":null}`, 400, "There is no such action: fly"},
		{"two actions", "POST /compute/v2.1/rockets/a/action", "anna", "", `{"fly":null,"launch":null}`, 400, "Malformed request body"},
		{"action too new", "POST /compute/v2.1/rockets/a/action", "anna", "2.4", `{"land":{}}`, 404, "itemNotFound"},
		{"page", "GET /compute/v2.1/rockets?limit=2", "anna", "", "", 200, `/compute/v2.1/rockets?limit=2\u0026marker=b`},
		{"last page", "GET /compute/v2.1/rockets?limit=2&marker=b", "anna", "", "", 200, `{"rockets":[{"id":"c"`},
		{"bad marker", "GET /compute/v2.1/rockets?marker=q", "anna", "", "", 400, "marker [q] not found"},
		{"bad limit", "GET /compute/v2.1/rockets?limit=-1", "anna", "", "", 400, "Invalid input for query parameters limit. Value: -1. '-1' does not match '^[0-9]*$'"},
		{"bad regex", "GET /compute/v2.1/rockets?name=(", "anna", "", "", 400, "'(' is not a 'regex'"},
		{"loose query", "GET /compute/v2.1/rockets?foo=1", "anna", "2.2", "", 200, ""},
		{"strict query", "GET /compute/v2.1/rockets?foo=1", "anna", "2.3", "", 400, "Additional properties are not allowed ('foo' was unexpected)"},
		{"panic", "GET /compute/v2.1/panic", "anna", "", "", 500, `"computeFault"`},
		{"error", "GET /compute/v2.1/broken", "anna", "", "", 500, `"computeFault"`},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(x.request, " ")
			status, header, body := send(t, server.URL, method, path, x.token, x.version, x.body)
			if status != x.status {
				t.Fatalf("status %d, want %d: %s", status, x.status, body)
			}
			answer := strings.ReplaceAll(x.answer, `\u0026`, "&")
			if !strings.Contains(body, answer) {
				t.Errorf("answer lacks %q: %s", answer, body)
			}
			if strings.Contains(body, "secret") {
				t.Errorf("an internal error leaked: %s", body)
			}
			if !requestIDSyntax.MatchString(header.Get("X-Openstack-Request-Id")) {
				t.Errorf("request id %q", header.Get("X-Openstack-Request-Id"))
			}
			if body != "" && !json.Valid([]byte(body)) {
				t.Errorf("not JSON: %s", body)
			}
		})
	}
}

func send(t *testing.T, base, method, path, token, version, body string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"X-Auth-Token": token, "X-OpenStack-Nova-API-Version": version} {
		if value != "" {
			r.Header.Set(key, value)
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	server := space(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+"/compute/v2.1/rockets?limit=1", nil)
	r.RequestURI = ""
	r.Header.Set("X-Auth-Token", "anna")
	r.Header.Set("OpenStack-API-Version", "volume 3.1, compute 2.3")
	r.Header.Set("X-OpenStack-Request-ID", "req-12345678-1234-1234-1234-123456789abc")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("HEAD: %d", answer.StatusCode)
	}
	for key, want := range map[string]string{
		"OpenStack-API-Version":        "compute 2.3",
		"X-OpenStack-Nova-API-Version": "2.3",
		"X-OpenStack-Request-ID":       "req-12345678-1234-1234-1234-123456789abc",
	} {
		if got := answer.Header.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if vary := strings.Join(answer.Header.Values("Vary"), ","); vary != "OpenStack-API-Version,X-OpenStack-Nova-API-Version" {
		t.Errorf("Vary is %q", vary)
	}
}

func TestBaseFollowsTheClient(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		header map[string]string
		want   string
	}{
		{nil, "http://cloud:8774"},
		{map[string]string{"X-Forwarded-Proto": "https"}, "https://cloud:8774"},
		{map[string]string{"X-Forwarded-Host": "nova.example, inner", "X-Forwarded-Proto": "https"}, "https://nova.example"},
		{map[string]string{"X-Forwarded-Host": "nova.example", "X-Forwarded-Port": "8443", "X-Forwarded-Proto": "https"}, "https://nova.example:8443"},
		{map[string]string{"X-Forwarded-Host": "nova.example", "X-Forwarded-Port": "80@elsewhere.example"}, "http://nova.example"},
		{map[string]string{"X-Forwarded-Host": "[::1]:99", "X-Forwarded-Port": "8443"}, "http://[::1]:99"},
		{map[string]string{"X-Forwarded-Host": "a/b", "X-Forwarded-Proto": "gopher"}, "http://cloud:8774"},
		{map[string]string{"X-Forwarded-Prefix": "/lab/"}, "http://cloud:8774/lab"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://cloud:8774/x", nil)
		for key, value := range x.header {
			r.Header.Set(key, value)
		}
		if got := Base(r); got != x.want {
			t.Errorf("%v: %s, want %s", x.header, got, x.want)
		}
	}
}

func TestRanges(t *testing.T) {
	t.Parallel()
	for text, in := range map[string][]Version{
		"2.2-": {2, 104}, "-2.91": {1, 91}, "2.9-2.46": {9, 46}, "2.32": {32}, "2.32,2.42-": {32, 42, 99}, "": {0, 1, 104},
	} {
		ranges, err := ParseRanges(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range in {
			if !ranges.Has(v) {
				t.Errorf("%q lacks %d", text, v)
			}
		}
	}
	hole, _ := ParseRanges("2.32,2.42-")
	for _, v := range []Version{31, 33, 41} {
		if hole.Has(v) {
			t.Errorf("the hole has %d", v)
		}
	}
	for _, bad := range []string{"2", "x-", "-", "2.5-2.3", "2.3-,2.5", "2.-3"} {
		if _, err := ParseRanges(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestBadTagsPanicAtRegistration(t *testing.T) {
	t.Parallel()
	type overlapping struct {
		A string `json:"a" nova:"2.1-2.5"`
		B string `json:"a" nova:"2.5-"`
	}
	type unknownFormat struct {
		A string `json:"a" format:"nonsense"`
	}
	type badRange struct {
		A string `json:"a" nova:"2.9-2.1"`
	}
	for _, route := range []Route{
		Get("/x", "x", func(*Call) (overlapping, error) { return overlapping{}, nil }),
		Get("/x", "x", func(*Call) ([]unknownFormat, error) { return nil, nil }),
		Get("/x", "x", func(*Call) (map[string]*badRange, error) { return nil, nil }),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v was taken", route.out)
				}
			}()
			(&Service{Fault: NovaFault, Routes: []Route{route}, Mounts: []Mount{{Path: "/v1"}}}).Handler()
		}()
	}
}
