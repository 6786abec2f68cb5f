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
	t       testing.TB
	url     string // of the cloud
	token   string
	version int // 2.version

	user, project string // ids
}

// login gets a token for the project admin.
func login(t testing.TB, url, password string) *session {
	t.Helper()
	return loginAs(t, url, "admin", password, object{"project": object{"name": "admin", "domain": object{"id": "default"}}})
}

// loginAs gets a token for a scope.
func loginAs(t testing.TB, url, name, password string, scope object) *session {
	t.Helper()
	s := &session{t: t, url: url}
	status, header, answer := s.send(http.MethodPost, "/identity/v3/auth/tokens", object{"auth": object{
		"identity": object{"methods": []string{"password"}, "password": object{
			"user": object{"name": name, "domain": object{"id": "default"}, "password": password},
		}},
		"scope": scope,
	}})
	s.token = header.Get("X-Subject-Token")
	if s.token == "" {
		t.Fatalf("no token: %d", status)
	}
	var made struct {
		Token struct{ User, Project struct{ ID string } }
	}
	if err := json.Unmarshal(answer, &made); err != nil {
		t.Fatal(err)
	}
	s.user, s.project = made.Token.User.ID, made.Token.Project.ID
	return s
}

// at returns the session at microversion 2.n, reporting to t.
func (s *session) at(t testing.TB, n int) *session {
	at := *s
	at.t, at.version = t, n
	return &at
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
	if body == nil {
		return s.sendRaw(method, path, nil)
	}
	text, err := json.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.sendRaw(method, path, text)
}

func (s *session) sendRaw(method, path string, body []byte) (int, http.Header, []byte) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
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
	s.poll(func() (string, bool) {
		server := child(s.nova(http.MethodGet, "/servers/"+id, nil), "server")
		if server["status"] == "ERROR" && status != "ERROR" {
			s.t.Fatalf("2.%d: the server is in ERROR: %v", s.version, server["fault"])
		}
		return fmt.Sprintf("the server is %v, want %s", server["status"], status),
			server["status"] == status && server["OS-EXT-STS:task_state"] == nil
	})
}

// untilGone asks for a server until there is none.
func (s *session) untilGone(id string) {
	s.t.Helper()
	s.poll(func() (string, bool) {
		return "server " + id + " is still there", s.status(http.MethodGet, "/servers/"+id, nil) == http.StatusNotFound
	})
}

// poll asks until it is done; what it says before is what is wrong if that takes too long.
func (s *session) poll(ask func() (string, bool)) {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		wrong, done := ask()
		if done {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			s.t.Fatalf("2.%d: %s", s.version, wrong)
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
