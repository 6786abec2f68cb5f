// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	encoding "encoding/pem"

	"github.com/gophercloud/gophercloud/v2"
)

const cloudsYAML = `
clouds:
  full:
    auth:
      auth_url: https://full.example/v3
      username: file-user
      project_name: file-project
      user_domain_name: Default
      project_domain_id: projects
    region_name: file-region
    interface: internal
    verify: false
  credential:
    auth_type: v3applicationcredential
    auth:
      auth_url: https://full.example/v3
      application_credential_id: cred
      application_credential_secret: hush
  regions:
    auth: {auth_url: "https://full.example/v3", token: t}
    regions:
      - one
      - name: two
        values: {auth: {auth_url: "https://two.example/v3"}}
  flat:
    auth_url: https://full.example/v3
    username: nobody
`

const secureYAML = `
clouds:
  full:
    auth:
      password: file-secret
`

// files writes a clouds.yaml and a secure.yaml and returns an environment that names them.
func files(t *testing.T, more map[string]string) func(string) string {
	t.Helper()
	folder := t.TempDir()
	for name, content := range map[string]string{"clouds.yaml": cloudsYAML, "secure.yaml": secureYAML} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(name string) string {
		if name == "OS_CLIENT_CONFIG_FILE" {
			return filepath.Join(folder, "clouds.yaml")
		}
		return more[name]
	}
}

func block(pairs ...string) Settings {
	settings := Settings{}
	for i := 0; i < len(pairs); i += 2 {
		settings[pairs[i]] = Setting{pairs[i+1], "the provider block"}
	}
	return settings
}

func TestResolve(t *testing.T) {
	t.Parallel()
	environment := map[string]string{
		"OS_AUTH_URL": "https://env.example/v3", "OS_USERNAME": "env-user", "OS_PASSWORD": "env-secret",
		"OS_TENANT_NAME": "env-project", "OS_USER_DOMAIN_ID": "users", "OS_PROJECT_DOMAIN_NAME": "Projects",
		"OS_REGION_NAME": "env-region",
	}
	with := func(name, value string) map[string]string {
		changed := map[string]string{name: value}
		for key, v := range environment {
			changed[key] = v
		}
		return changed
	}
	for _, test := range []struct {
		name  string
		block Settings
		env   map[string]string
		want  gophercloud.AuthOptions
		where string // region
	}{
		{"environment alone", nil, environment, gophercloud.AuthOptions{
			IdentityEndpoint: "https://env.example/v3", Username: "env-user", Password: "env-secret", DomainID: "users", AllowReauth: true,
			Scope: &gophercloud.AuthScope{ProjectName: "env-project", DomainName: "Projects"},
		}, "env-region"},
		{"the block before the environment, an id before a name", block(ProjectID, "p", UserID, "u", Region, "here"), environment, gophercloud.AuthOptions{
			IdentityEndpoint: "https://env.example/v3", UserID: "u", Password: "env-secret", AllowReauth: true,
			Scope: &gophercloud.AuthScope{ProjectID: "p"},
		}, "here"},
		{"a cloud with its secure.yaml, the environment for the region only", block(Cloud, "full"), environment, gophercloud.AuthOptions{
			IdentityEndpoint: "https://full.example/v3", Username: "file-user", Password: "file-secret", DomainName: "Default", AllowReauth: true,
			Scope: &gophercloud.AuthScope{ProjectName: "file-project", DomainID: "projects"},
		}, "env-region"},
		{"OS_CLOUD", nil, map[string]string{"OS_CLOUD": "full"}, gophercloud.AuthOptions{
			IdentityEndpoint: "https://full.example/v3", Username: "file-user", Password: "file-secret", DomainName: "Default", AllowReauth: true,
			Scope: &gophercloud.AuthScope{ProjectName: "file-project", DomainID: "projects"},
		}, "file-region"},
		{"OS_CLOUD beside an auth_url of the block", block(AuthURL, "https://block.example/v3"), with("OS_CLOUD", "full"), gophercloud.AuthOptions{
			IdentityEndpoint: "https://block.example/v3", Username: "env-user", Password: "env-secret", DomainID: "users", AllowReauth: true,
			Scope: &gophercloud.AuthScope{ProjectName: "env-project", DomainName: "Projects"},
		}, "env-region"},
		{"application credential, no scope", block(Cloud, "credential"), nil, gophercloud.AuthOptions{
			IdentityEndpoint: "https://full.example/v3", ApplicationCredentialID: "cred", ApplicationCredentialSecret: "hush", AllowReauth: true,
			Scope: &gophercloud.AuthScope{},
		}, ""},
		{"the first of the regions", block(Cloud, "regions"), nil, gophercloud.AuthOptions{
			IdentityEndpoint: "https://full.example/v3", TokenID: "t", Scope: &gophercloud.AuthScope{},
		}, "one"},
		{"a region with values of its own", block(Cloud, "regions", Region, "two"), nil, gophercloud.AuthOptions{
			IdentityEndpoint: "https://two.example/v3", TokenID: "t", Scope: &gophercloud.AuthScope{},
		}, "two"},
		{"the system", block(SystemScope, "all"), environment, gophercloud.AuthOptions{
			IdentityEndpoint: "https://env.example/v3", Username: "env-user", Password: "env-secret", DomainID: "users", AllowReauth: true,
			Scope: &gophercloud.AuthScope{System: true},
		}, "env-region"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings, err := resolve(test.block, files(t, test.env))
			if err != nil {
				t.Fatal(err)
			}
			got, err := authOptions(settings)
			if err != nil {
				t.Fatal(err)
			}
			if *got.Scope != *test.want.Scope {
				t.Errorf("scope %+v, not %+v", *got.Scope, *test.want.Scope)
			}
			got.Scope, test.want.Scope = nil, nil
			if got != test.want {
				t.Errorf("got %+v, not %+v", got, test.want)
			}
			if settings.value(Region) != test.where {
				t.Errorf("region %q, not %q", settings.value(Region), test.where)
			}
		})
	}
}

func TestMistakesNameTheirSetting(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name          string
		block         Settings
		setting, says string
	}{
		{"nothing", nil, AuthURL, "OS_CLOUD"},
		{"unknown cloud", block(Cloud, "nope"), Cloud, "credential, flat, full, regions"},
		{"no auth key", block(Cloud, "flat"), Cloud, "no `auth:` section"},
		{"unknown region", block(Cloud, "regions", Region, "three"), Region, `one, two, but not "three"`},
		{"no credentials", block(AuthURL, "https://a/v3"), Password, "auth_url from the provider block"},
		{"no user", block(AuthURL, "https://a/v3", Password, "hunter2"), UserName, "user_name or user_id"},
		{"no user domain", block(AuthURL, "https://a/v3", Password, "hunter2", UserName, "u"), UserDomainName, "unique only within a domain"},
		{"no project domain", block(AuthURL, "https://a/v3", Password, "hunter2", UserID, "u", ProjectName, "p"), ProjectDomainName, "unique only"},
		{"half a credential", block(AuthURL, "https://a/v3", ApplicationCredentialID, "c"), ApplicationCredentialSecret, "secret"},
		{"no URL", block(AuthURL, "a.example:5000", Password, "hunter2"), AuthURL, "http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings, err := resolve(test.block, files(t, nil))
			if err == nil {
				_, err = authOptions(settings)
			}
			var mistake *SettingError
			if !errors.As(err, &mistake) {
				t.Fatalf("got %v", err)
			}
			if mistake.Setting != test.setting || !strings.Contains(mistake.Detail, test.says) {
				t.Errorf("got %s: %s", mistake.Setting, mistake.Detail)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Error("the error tells the password")
			}
		})
	}
}

func TestCertificateAsPathOrContent(t *testing.T) {
	t.Parallel()
	served := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(served.Close)
	content := string(encoding.EncodeToMemory(&encoding.Block{Type: "CERTIFICATE", Bytes: served.Certificate().Raw}))
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, settings := range map[string]Settings{
		"content": block(CACert, content), "path": block(CACert, file), "insecure": block(Insecure, "True"),
	} {
		pool, err := transport(settings)
		if err != nil {
			t.Fatal(name, err)
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, served.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := pool.RoundTrip(request)
		if err != nil {
			t.Error(name, err)
			continue
		}
		_ = response.Body.Close()
		if pool.MaxIdleConnsPerHost < 64 {
			t.Errorf("%s: %d connections are kept", name, pool.MaxIdleConnsPerHost)
		}
	}
	for name, settings := range map[string]Settings{
		CACert: block(CACert, "/nowhere/ca.pem"), Cert: block(Cert, content), Insecure: block(Insecure, "perhaps"),
	} {
		var mistake *SettingError
		if _, err := transport(settings); !errors.As(err, &mistake) || mistake.Setting != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryVariable: each OS_* variable that the documentation names sets what it says there.
func TestEveryVariable(t *testing.T) {
	t.Parallel()
	for variable, setting := range map[string]string{
		"OS_AUTH_URL": "auth_url", "OS_REGION_NAME": "region", "OS_USERNAME": "user_name", "OS_USER_ID": "user_id",
		"OS_PASSWORD": "password", "OS_TOKEN": "token", "OS_AUTH_TOKEN": "token", "OS_PROJECT_NAME": "project_name",
		"OS_TENANT_NAME": "project_name", "OS_PROJECT_ID": "project_id", "OS_TENANT_ID": "project_id",
		"OS_USER_DOMAIN_NAME": "user_domain_name", "OS_USER_DOMAIN_ID": "user_domain_id",
		"OS_PROJECT_DOMAIN_NAME": "project_domain_name", "OS_PROJECT_DOMAIN_ID": "project_domain_id",
		"OS_DOMAIN_NAME": "domain_name", "OS_DOMAIN_ID": "domain_id", "OS_DEFAULT_DOMAIN": "default_domain",
		"OS_SYSTEM_SCOPE": "system_scope", "OS_APPLICATION_CREDENTIAL_ID": "application_credential_id",
		"OS_APPLICATION_CREDENTIAL_NAME":   "application_credential_name",
		"OS_APPLICATION_CREDENTIAL_SECRET": "application_credential_secret",
		"OS_INTERFACE":                     "endpoint_type", "OS_ENDPOINT_TYPE": "endpoint_type",
		"OS_CACERT": "cacert", "OS_CERT": "cert", "OS_KEY": "key", "OS_INSECURE": "insecure",
	} {
		settings, err := resolve(nil, files(t, map[string]string{variable: "this"}))
		if err != nil || len(settings) != 1 || settings.value(setting) != "this" {
			t.Errorf("%s: %v, %v", variable, settings, err)
		}
	}
	system, err := resolve(nil, files(t, map[string]string{"OS_SYSTEM_SCOPE": "all", "OS_PROJECT_ID": "p"}))
	if err != nil {
		t.Fatal(err)
	}
	if scope, err := scope(system); err != nil || !scope.System || scope.ProjectID != "" {
		t.Errorf("%+v, %v", scope, err)
	}
}

// TestDialTimeoutsAreTransient: nothing was sent, so that even a create may be tried again. An answer that
// does not come for minutes is another thing, though Go calls both a deadline.
func TestDialTimeoutsAreTransient(t *testing.T) {
	t.Parallel()
	_, err := (&net.Dialer{Deadline: time.Unix(1, 0)}).DialContext(t.Context(), "tcp", "127.0.0.1:1")
	if !errors.Is(err, context.DeadlineExceeded) || !transient(err) || !unsent(err) {
		t.Errorf("%v: transient %v, unsent %v", err, transient(err), unsent(err))
	}
	if transient(context.DeadlineExceeded) || transient(context.Canceled) {
		t.Error("the end of the caller's patience is taken for transient")
	}
}

// TestSecureFileElsewhere: the passwords may lie where OS_CLIENT_SECURE_FILE says, and files end in .yml or .json, too.
func TestSecureFileElsewhere(t *testing.T) {
	t.Parallel()
	home, away := t.TempDir(), filepath.Join(t.TempDir(), "passwords")
	folder := filepath.Join(home, "openstack")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, content := range map[string]string{
		filepath.Join(folder, "clouds.yml"): cloudsYAML, filepath.Join(folder, "secure.json"): `{"clouds": {"full": {"auth": {"password": "beside"}}}}`,
		away: secureYAML,
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for secure, want := range map[string]string{"": "beside", away: "file-secret", "/nowhere": ""} {
		env := map[string]string{"XDG_CONFIG_HOME": home, "OS_CLIENT_SECURE_FILE": secure}
		settings, err := resolve(block(Cloud, "full"), func(name string) string { return env[name] })
		var wrong *SettingError
		if want == "" && (!errors.As(err, &wrong) || !strings.Contains(wrong.Detail, "OS_CLIENT_SECURE_FILE")) || settings.value(Password) != want {
			t.Errorf("%q: %q, %v", secure, settings.value(Password), err)
		}
	}
}
