// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// client talks to the running cloud as a user of clouds.yaml.
type client struct {
	base  string // the cloud's URL, without /identity/v3
	token string
}

// login gets a token for the user's own project.
func login(ctx context.Context, e local.Entry) (*client, error) {
	name := func(n string) map[string]any { return map[string]any{"name": n} }
	body, err := json.Marshal(map[string]any{"auth": map[string]any{
		"identity": map[string]any{"methods": []string{"password"}, "password": map[string]any{"user": map[string]any{
			"name": e.Auth.Username, "password": e.Auth.Password, "domain": name(e.Auth.UserDomain),
		}}},
		"scope": map[string]any{"project": map[string]any{"name": e.Auth.ProjectName, "domain": name(e.Auth.ProjDomain)}},
	}})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.Auth.AuthURL+"/auth/tokens", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, fmt.Errorf("the cloud does not answer (is mockcloud serve running?): %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		return nil, fmt.Errorf("no token for %s: %s", e.Auth.Username, answer.Status)
	}
	return &client{base: strings.TrimSuffix(e.Auth.AuthURL, "/identity/v3"), token: answer.Header.Get("X-Subject-Token")}, nil
}

// do sends a request; a status from 400 on is an error with what the cloud says. The caller closes the
// body.
func (c *client) do(ctx context.Context, method, path string, body io.Reader, header map[string]string) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("X-Auth-Token", c.token)
	for key, value := range header {
		r.Header.Set(key, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		defer answer.Body.Close()
		text, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %s", answer.Status, complaint(text))
	}
	return answer, nil
}

// complaint is the message in a fault's body.
func complaint(body []byte) string {
	var fault map[string]struct{ Message string }
	if json.Unmarshal(body, &fault) == nil {
		for _, f := range fault {
			if f.Message != "" {
				return f.Message
			}
		}
	}
	return strings.TrimSpace(string(body))
}

// connect opens a TCP connection to a guest's port (GET /mock/v1/connect). The caller closes it.
func (c *client) connect(ctx context.Context, query url.Values) (io.ReadWriteCloser, error) {
	answer, err := c.do(ctx, http.MethodGet, "/mock/v1/connect?"+query.Encode(), nil,
		map[string]string{"Connection": "Upgrade", "Upgrade": "tcp"})
	if err != nil {
		return nil, err
	}
	stream, ok := answer.Body.(io.ReadWriteCloser)
	if !ok || answer.StatusCode != http.StatusSwitchingProtocols {
		_ = answer.Body.Close()
		return nil, fmt.Errorf("unexpected answer: %s", answer.Status)
	}
	return stream, nil
}
