// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// transport is the one connection pool of a provider.
func transport(s Settings) (*http.Transport, error) {
	secured, err := tlsConfig(s)
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       secured,
		TLSHandshakeTimeout:   30 * time.Second,
		ResponseHeaderTimeout: 5 * time.Minute, // a Nova API that is busy may take minutes, not more
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   64, // above any usual -parallelism, so that connections are kept
		IdleConnTimeout:       90 * time.Second,
	}, nil
}

func tlsConfig(s Settings) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Has(Insecure) {
		insecure, err := strconv.ParseBool(strings.ToLower(s.value(Insecure)))
		if err != nil {
			return nil, &SettingError{Insecure, "Invalid Boolean", fmt.Sprintf(
				"insecure from %s has to be true or false.", s[Insecure].Source)}
		}
		config.InsecureSkipVerify = insecure
	}
	if s.Has(CACert) {
		content, err := pem(s, CACert)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(content) {
			return nil, &SettingError{CACert, "Invalid Certificate", fmt.Sprintf(
				"cacert from %s holds no certificate in PEM form.", s[CACert].Source)}
		}
	}
	if !s.Has(Cert) && !s.Has(Key) {
		return config, nil
	}
	if s.Has(Cert) != s.Has(Key) {
		return nil, &SettingError{Cert, "Incomplete Client Certificate", "cert and key go together: set both or neither."}
	}
	cert, err := pem(s, Cert)
	if err != nil {
		return nil, err
	}
	key, err := pem(s, Key)
	if err != nil {
		return nil, err
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, &SettingError{Cert, "Invalid Client Certificate", err.Error()}
	}
	config.Certificates = []tls.Certificate{pair}
	return config, nil
}

// pem is the setting's value if that is PEM itself, else the content of the file that it names.
func pem(s Settings, name string) ([]byte, error) {
	value := s.value(name)
	if strings.Contains(value, "-----BEGIN") {
		return []byte(value), nil
	}
	if rest, ok := strings.CutPrefix(value, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, &SettingError{name, "No Home Directory", err.Error()}
		}
		value = filepath.Join(home, rest)
	}
	content, err := os.ReadFile(value)
	if err != nil {
		// The value is not quoted: it may be a mangled key rather than a path.
		return nil, &SettingError{name, "Unreadable File", fmt.Sprintf(
			"%s from %s has to be PEM or the path of a readable file: %s.", name, s[name].Source, cause(err))}
	}
	return content, nil
}

func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// logged notes each exchange in Terraform's log: never a body, never a header but the request id.
type logged struct {
	next  http.RoundTripper
	clock wait.Clock
}

func (l logged) RoundTrip(request *http.Request) (*http.Response, error) {
	began := l.clock.Now()
	response, err := l.next.RoundTrip(request)
	fields := map[string]any{
		"method": request.Method, "url": request.URL.Redacted(), "took": l.clock.Now().Sub(began).String(),
	}
	if err != nil {
		fields["error"] = err.Error()
	} else {
		fields["status"] = response.StatusCode
		fields["request_id"] = response.Header.Get("X-Openstack-Request-Id")
	}
	tflog.Debug(request.Context(), "OpenStack API call", fields)
	return response, err
}
