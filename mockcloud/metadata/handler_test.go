// SPDX-License-Identifier: MPL-2.0

package metadata_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/metadata"
)

func found(i metadata.Instance) metadata.Lookup {
	return func(context.Context) (metadata.Instance, error) { return i, nil }
}

const (
	ec2Listing       = "1.0\n2007-01-19\n2007-03-01\n2007-08-29\n2007-10-10\n2007-12-15\n2008-02-01\n2008-09-01\n2009-04-04\nlatest"
	openstackListing = "2012-08-10\n2013-04-04\n2013-10-17\n2015-10-15\n2016-06-30\n2016-10-06\n2017-02-22\n2018-08-27\n2020-10-14\n2025-04-04\nlatest"
	newestListing    = "meta_data.json\nuser_data\npassword\nvendor_data.json\nnetwork_data.json\nvendor_data2.json"
)

func TestPaths(t *testing.T) {
	t.Parallel()
	h := metadata.Handler(found(web()), nil)
	const text, js = "text/plain; charset=UTF-8", "application/json"
	for path, want := range map[string]string{
		"/": ec2Listing, "/ec2": ec2Listing, "//": ec2Listing,
		"/openstack": openstackListing, "/openstack/": openstackListing,
		"/openstack/2012-08-10":                   "meta_data.json\nuser_data",
		"/openstack/2013-04-04/":                  "meta_data.json\nuser_data\npassword",
		"/openstack/2013-10-17":                   "meta_data.json\nuser_data\npassword\nvendor_data.json",
		"/openstack/2015-10-15":                   "meta_data.json\nuser_data\npassword\nvendor_data.json\nnetwork_data.json",
		"/openstack/2016-06-30":                   "meta_data.json\nuser_data\npassword\nvendor_data.json\nnetwork_data.json",
		"/openstack/2016-10-06":                   newestListing,
		"/openstack/latest":                       newestListing,
		"/openstack/latest/version":               newestListing,
		"/openstack/latest/user_data":             "#!/bin/sh\n",
		"/openstack/latest/password":              "",
		"/openstack/2012-08-10/network_data.json": "{}", // unlisted, and there: as Nova does

		"/latest": "meta-data/\nuser-data", "/1.0/": "meta-data/\nuser-data",
		"/latest/user-data": "#!/bin/sh\n",
		"/latest/meta-data/": "ami-id\nami-launch-index\nami-manifest-path\nblock-device-mapping/\nhostname\ninstance-action\n" +
			"instance-id\ninstance-type\nlocal-hostname\nlocal-ipv4\nplacement/\npublic-hostname\npublic-ipv4\npublic-keys/\n" +
			"reservation-id\nsecurity-groups",
		"/1.0/meta-data": "ami-id\nami-launch-index\nami-manifest-path\nhostname\ninstance-id\nlocal-ipv4\npublic-keys/\n" +
			"reservation-id\nsecurity-groups",
		"/ec2/latest/meta-data/instance-id":              "i-0000001a",
		"/latest/meta-data/ami-launch-index":             "2",
		"/latest/meta-data/security-groups":              "default\nweb",
		"/latest/meta-data/public-keys":                  "0=mine",
		"/latest/meta-data/public-keys/":                 "0=mine",
		"/latest/meta-data/public-keys/0/":               "openssh-key",
		"/latest/meta-data/public-keys/0/openssh-key":    "ssh-ed25519 AAAA me",
		"/latest/meta-data/placement/":                   "availability-zone",
		"/latest/meta-data/placement/availability-zone/": "nova",
		"/latest/meta-data/block-device-mapping":         "ami\nebs0\nebs1\nephemeral0\nroot\nswap",
		"/latest/meta-data/block-device-mapping/root":    "/dev/vda",
	} {
		if r := get(h, path); r.Code != http.StatusOK || r.Body.String() != want || r.Header().Get("Content-Type") != text {
			t.Errorf("%s: %d %s\n got %q\nwant %q", path, r.Code, r.Header().Get("Content-Type"), r.Body, want)
		}
	}
	for _, name := range []string{"meta_data.json", "vendor_data.json", "vendor_data2.json"} {
		if r := get(h, "/openstack/latest/"+name); r.Code != http.StatusOK || r.Header().Get("Content-Type") != js {
			t.Errorf("%s: %d %s", name, r.Code, r.Header().Get("Content-Type"))
		}
	}
}

func TestPathsThatAreNotThere(t *testing.T) {
	t.Parallel()
	bare := web()
	bare.UserData, bare.Key = nil, metadata.Key{}
	for what, c := range map[string]struct {
		instance metadata.Instance
		paths    string
	}{
		"all": {web(), `/nonsense /2010-01-01 /latest/nonsense /latest/meta-data/nonsense /openstack/2010-01-01
			/openstack/latest/nonsense /openstack/latest/meta_data.json/x /openstack/content /openstack/content/0000
			/openstack/2012-08-10/password /openstack/2013-04-04/vendor_data.json /openstack/2016-06-30/vendor_data2.json
			/1.0/meta-data/local-hostname /2007-03-01/meta-data/instance-type /2007-10-10/meta-data/block-device-mapping
			/2007-12-15/meta-data/placement /2008-02-01/meta-data/instance-action /latest/meta-data/kernel-id
			/latest/meta-data/ramdisk-id /latest/meta-data/public-keys/1 /latest/meta-data/public-keys/0/_name
			/latest/meta-data/instance-id/x /latest/meta-data/security-groups/default /latest/user-data/x`},
		"bare": {bare, `/latest/user-data /openstack/latest/user_data /latest/meta-data/public-keys
			/latest/meta-data/public-keys/0/openssh-key`},
	} {
		h := metadata.Handler(found(c.instance), nil)
		for _, path := range strings.Fields(c.paths) {
			if r := get(h, path); r.Code != http.StatusNotFound {
				t.Errorf("%s: %s: %d %q", what, path, r.Code, r.Body)
			}
		}
	}
}

func TestEC2Versions(t *testing.T) {
	t.Parallel()
	i := web()
	i.EC2.KernelID, i.EC2.RamdiskID, i.EC2.RootDevice = metadata.EC2ID("aki", 2), metadata.EC2ID("ari", 3), ""
	h := metadata.Handler(found(i), nil)
	for path, want := range map[string]string{
		"/2007-01-19/meta-data/local-hostname":              "web-1.novalocal",
		"/2007-01-19/meta-data/public-ipv4":                 "192.0.2.5",
		"/2007-08-29/meta-data/instance-type":               "m1.tiny",
		"/2007-12-15/meta-data/kernel-id":                   "aki-00000002",
		"/2007-12-15/meta-data/ramdisk-id":                  "ari-00000003",
		"/2007-12-15/meta-data/block-device-mapping/ami":    "sda1",
		"/2007-12-15/meta-data/block-device-mapping/swap":   "sda3",
		"/2008-02-01/meta-data/placement/availability-zone": "nova",
		"/2008-09-01/meta-data/instance-action":             "none",
	} {
		if r := get(h, path); r.Code != http.StatusOK || r.Body.String() != want {
			t.Errorf("%s: %d %q, want %q", path, r.Code, r.Body, want)
		}
	}
}

func TestServiceKeepsSecrets(t *testing.T) {
	t.Parallel()
	m := decode(t, get(metadata.Handler(found(web()), nil), "/openstack/latest/meta_data.json").Body.Bytes())
	if m["admin_pass"] != nil || m["files"] != nil || m["uuid"] == nil {
		t.Errorf("the service tells what only the config drive should: %v", m)
	}
}

func TestPassword(t *testing.T) {
	t.Parallel()
	i := web()
	h := metadata.Handler(
		func(context.Context) (metadata.Instance, error) { return i, nil },
		func(_ context.Context, password string) error {
			i.Password = password
			return nil
		})
	const path = "/openstack/latest/password"
	long := strings.Repeat("x", 1020)
	for n, step := range []struct {
		method, body string
		code         int
		stored       string
	}{
		{http.MethodGet, "", http.StatusOK, ""},
		{http.MethodPut, "p", http.StatusBadRequest, ""},
		{http.MethodPost, long + "x", http.StatusBadRequest, ""},
		{http.MethodPost, long, http.StatusOK, long},
		{http.MethodPost, "again", http.StatusConflict, long},
		{http.MethodGet, "", http.StatusOK, long},
	} {
		r := do(h, step.method, path, step.body)
		if r.Code != step.code || i.Password != step.stored {
			t.Errorf("step %d: %d, stored %d bytes", n, r.Code, len(i.Password))
		}
		if step.method == http.MethodGet && r.Body.String() != step.stored {
			t.Errorf("step %d: read %q", n, r.Body)
		}
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("database gone")
	for what, c := range map[string]struct {
		lookup, store error
		code          int
	}{
		"unknown instance":  {metadata.ErrNotFound, nil, http.StatusNotFound},
		"broken lookup":     {broken, nil, http.StatusInternalServerError},
		"password is set":   {nil, metadata.ErrPasswordSet, http.StatusConflict},
		"instance vanished": {nil, metadata.ErrNotFound, http.StatusNotFound},
		"broken store":      {nil, broken, http.StatusInternalServerError},
	} {
		h := metadata.Handler(
			func(context.Context) (metadata.Instance, error) { return web(), c.lookup },
			func(context.Context, string) error { return c.store })
		r := do(h, http.MethodPost, "/openstack/latest/password", "p")
		if r.Code != c.code || strings.Contains(r.Body.String(), "database") {
			t.Errorf("%s: %d %q, want %d", what, r.Code, r.Body, c.code)
		}
	}
	h := metadata.Handler(func(context.Context) (metadata.Instance, error) { return metadata.Instance{}, broken }, nil)
	if r := get(h, "/"); r.Code != http.StatusOK {
		t.Errorf("/ asks who is there: %d", r.Code)
	}
	h = metadata.Handler(found(web()), nil)
	if r := do(h, http.MethodPost, "/openstack/latest/password", "p"); r.Code != http.StatusNotFound {
		t.Errorf("without a store a password is taken: %d", r.Code)
	}
}

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	return do(h, http.MethodGet, path, "")
}

func do(h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), method, "http://169.254.169.254/", strings.NewReader(body))
	r.URL.Path = path
	h.ServeHTTP(w, r)
	return w
}
