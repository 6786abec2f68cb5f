// SPDX-License-Identifier: MPL-2.0

package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

// object is a JSON object, in a request or an answer.
type object = map[string]any

// session is an administrator at one microversion of a cloud.
type session struct {
	t       *testing.T
	url     string // of the cloud
	token   string
	version int // 2.version
}

// login gets a token for the project admin.
func login(t *testing.T, url, password string) *session {
	t.Helper()
	domain := object{"id": "default"}
	s := &session{t: t, url: url}
	status, header, _ := s.send(http.MethodPost, "/identity/v3/auth/tokens", object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{
			"user": object{"name": "admin", "domain": domain, "password": password},
		}},
		"scope": object{"project": object{"name": "admin", "domain": domain}},
	}})
	s.token = header.Get("X-Subject-Token")
	if s.token == "" {
		t.Fatalf("no token: %d", status)
	}
	return s
}

// at returns the session at microversion 2.n, reporting to t.
func (s *session) at(t *testing.T, n int) *session {
	return &session{t: t, url: s.url, token: s.token, version: n}
}

// nova makes a request of Nova that has to succeed, and returns the answer's body.
func (s *session) nova(method, path string, body object) object {
	s.t.Helper()
	return s.ask(method, "/compute/v2.1"+path, body)
}

// ask makes a request of any service that has to succeed.
func (s *session) ask(method, path string, body object) object {
	s.t.Helper()
	status, _, text := s.send(method, path, body)
	if status >= http.StatusMultipleChoices {
		s.t.Fatalf("2.%d %s %s: %d: %s", s.version, method, path, status, text)
	}
	answer := object{}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			s.t.Fatalf("2.%d %s %s: %v: %s", s.version, method, path, err, text)
		}
	}
	return answer
}

// status makes a request and returns the status it was answered with.
func (s *session) status(method, path string, body object) int {
	s.t.Helper()
	status, _, _ := s.send(method, "/compute/v2.1"+path, body)
	return status
}

func (s *session) send(method, path string, body object) (int, http.Header, []byte) {
	s.t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			s.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, content)
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Auth-Token", s.token)
	if s.version > 0 {
		microversion := fmt.Sprintf("2.%d", s.version)
		request.Header.Set("OpenStack-API-Version", "compute "+microversion)
		request.Header.Set("X-OpenStack-Nova-API-Version", microversion)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, response.Header, text
}

// until asks for a server until its status is the one named; an ERROR on the way ends the test.
func (s *session) until(id, status string) {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for {
		server := child(s.nova(http.MethodGet, "/servers/"+id, nil), "server")
		switch server["status"] {
		case status:
			if server["OS-EXT-STS:task_state"] == nil {
				return
			}
		case "ERROR":
			s.t.Fatalf("2.%d: the server is in ERROR: %v", s.version, server["fault"])
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("2.%d: the server is %v, want %s", s.version, server["status"], status)
		}
	}
}

// untilGone asks for a server until there is none.
func (s *session) untilGone(id string) {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(30 * time.Second)
	for s.status(http.MethodGet, "/servers/"+id, nil) != http.StatusNotFound {
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("2.%d: server %s is still there", s.version, id)
		}
	}
}

func child(parent object, name string) object {
	object, _ := parent[name].(object)
	return object
}

func text(parent object, name string) string {
	text, _ := parent[name].(string)
	return text
}

func first(parent object, name string) object {
	list, _ := parent[name].([]any)
	if len(list) == 0 {
		return nil
	}
	object, _ := list[0].(object)
	return object
}
