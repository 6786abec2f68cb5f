// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func hostsFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "hosts.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParseHosts(t *testing.T) {
	t.Parallel()
	want := []local.Host{
		{
			Name: "big", Zone: "north", VCPUs: 4, MemoryMiB: 4096, DiskGiB: 40, Ratios: compute.Ratios{CPU: 2, RAM: 1.5},
			Traits: []string{"CUSTOM_SSD", "HW_CPU_X86_AVX2"}, Classes: map[string]int{"CUSTOM_LICENSE": 4}, Cells: 2,
			Devices: []compute.PCIDevice{
				{Address: "0000:41:00.0", VendorID: "10de", ProductID: "1db4", Alias: "gpu", Cell: 1},
				{Address: "0000:04:10.1", VendorID: "8086", ProductID: "1520", Type: "type-VF", Physical: "0000:04:00.0"},
			},
		},
		{Name: "small"},
	}
	for name, text := range map[string]string{
		"yaml": `# two hosts
hosts:
- name: big
  zone: north
  vcpus: 4
  ram: 4096
  disk: 40
  traits: [CUSTOM_SSD, HW_CPU_X86_AVX2]
  classes: {CUSTOM_LICENSE: 4}
  cells: 2
  devices:
  - {address: "0000:41:00.0", vendor: 10de, product: 1db4, alias: gpu, cell: 1}
  - address: 0000:04:10.1
    vendor: 8086
    product: 1520
    type: type-VF
    physical: 0000:04:00.0
  cpu_allocation_ratio: 2
  ram_allocation_ratio: 1.5
- {name: small}
`,
		"json": `{"hosts": [
	{"name": "big", "zone": "north", "vcpus": 4, "ram": 4096, "disk": 40, "traits": ["CUSTOM_SSD", "HW_CPU_X86_AVX2"],
	 "classes": {"CUSTOM_LICENSE": 4}, "cells": 2,
	 "devices": [{"address": "0000:41:00.0", "vendor": "10de", "product": "1db4", "alias": "gpu", "cell": 1},
	  {"address": "0000:04:10.1", "vendor": "8086", "product": "1520", "type": "type-VF", "physical": "0000:04:00.0"}],
	 "cpu_allocation_ratio": 2.0, "ram_allocation_ratio": 1.5},
	{"name": "small"}]}`,
	} {
		got, err := local.ParseHosts(hostsFile(t, text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	got, err := local.ParseHosts("3")
	if err != nil || len(got) != 3 || got[2].Name != "compute-3" {
		t.Errorf("3: %+v, %v", got, err)
	}
}

func TestParseHostsRefuses(t *testing.T) {
	t.Parallel()
	const device = `{address: "0000:41:00.0", vendor: 10de, product: 1db4, cell: 1}`
	for text, want := range map[string]string{
		"":                                                                `it wants a list "hosts"`,
		"hosts: []\n":                                                     `it wants a list "hosts"`,
		"hosts:\n":                                                        `line 1: "hosts": the file has nothing but a list "hosts"`,
		"- name: a\n":                                                     "line 1: fields with names are expected here",
		"hosts:\n- zone: a\n":                                             "line 2: a host needs a name",
		"hosts:\n- name: ../up\n":                                         "line 2: name has to be letters",
		"hosts:\n- name: a\n  vcpus: 0\n":                                 "line 3: vcpus has to be a whole number of processors, 1 at least",
		"hosts:\n- name: a\n  vcpus: 1.5\n":                               "line 3: vcpus has to be a whole number of processors, 1 at least",
		"hosts:\n- name: a\n  ram: 4GiB\n":                                "line 3: ram has to be a whole number of MiB, 1 at least",
		"hosts:\n- name: a\n  color: red\n":                               `line 3: a host has no field "color"`,
		"hosts:\n- name: a\n- name: a\n":                                  `line 3: there are two hosts "a"`,
		"hosts:\n- name: a\n  name: b\n":                                  `line 3: "name" is there twice`,
		"hosts:\n- name: a\n  zone: a:b\n":                                "line 3: zone has to be the name of an availability zone",
		"hosts:\n- name: a\n  traits: x\n":                                "line 3: traits has to be a list of traits like CUSTOM_SSD",
		"hosts:\n- name: a\n  ram_allocation_ratio: -1\n":                 "line 3: ram_allocation_ratio has to be a number above 0",
		"hosts:\n- name: a\n  classes: {VCPU: 1}\n":                       "line 3: classes has to be amounts",
		"hosts:\n- name: a\n  classes: {CUSTOM_A: 0}\n":                   "line 3: classes has to be amounts",
		"hosts:\n- name: a\n  devices: 1\n":                               "line 3: devices has to be a list of PCI devices",
		"hosts:\n- name: a\n  devices: [{vendor: 10de}]\n":                "line 3: a device needs an address, a vendor and a product",
		"hosts:\n- name: a\n  devices: [{address: 41:00.0}]\n":            `line 3: address has to be a PCI address like "0000:41:00.0"`,
		"hosts:\n- name: a\n  devices: [{vendor: nvidia}]\n":              `line 3: vendor has to be four hexadecimal digits like "10de"`,
		"hosts:\n- name: a\n  devices: [{serial: 1}]\n":                   `line 3: a device has no field "serial"`,
		"hosts:\n- name: a\n  devices: [{type: VF}]\n":                    `line 3: type has to be one of ["type-PCI" "type-PF" "type-VF"]`,
		"hosts:\n- name: a\n  devices: [" + device + "," + device + "]\n": "line 3: there are two devices at 0000:41:00.0",
		"hosts:\n- name: a\n  devices: [" + device + "]\n":                "line 2: the device 0000:41:00.0 is at the NUMA cell 1, which the host a does not have",
		"hosts:\n- a\n":                                                   "line 2: fields with names are expected here",
		"hosts:\n- name: [a\n":                                            "line 1: did not find expected",
		"hosts: &h\n- *h\n":                                               "line",
		"machines:\n- name: a\n":                                          `line 1: "machines": the file has nothing but a list "hosts"`,
	} {
		got, err := local.ParseHosts(hostsFile(t, text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hosts.yaml: ") {
			t.Errorf("%q: %+v, %v; want %s", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"0": "a cloud has 1 to 100", "-1": "a cloud has 1 to 100", "nowhere.yaml": "hosts are a number or a file"} {
		if _, err := local.ParseHosts(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestHosts: what the file says is what Nova shows and schedules by; a host goes only without servers.
func TestHosts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	hosts := []local.Host{
		{Name: "north-1", Zone: "north", VCPUs: 2, MemoryMiB: 1024, DiskGiB: 20, Ratios: compute.Ratios{CPU: 1}, Traits: []string{"CUSTOM_SSD"}},
		{Name: "south-1", Zone: "south", VCPUs: 2, MemoryMiB: 2048, DiskGiB: 20},
	}
	cloud, err := open(t, dir, hosts)
	if err != nil {
		t.Fatal(err)
	}
	var shown struct {
		Hypervisors []struct {
			Name   string `json:"hypervisor_hostname"`
			VCPUs  int
			Memory int `json:"memory_mb"`
			Disk   int `json:"local_gb"`
		}
	}
	cloud.get("/os-hypervisors/detail", &shown)
	if got := fmt.Sprint(shown.Hypervisors); got != "[{north-1 2 1024 20} {south-1 2 2048 20}]" {
		t.Errorf("the hypervisors are %s", got)
	}
	// 1024 MiB fit into the north once; its CPUs are not overcommitted.
	first := cloud.server(`"flavorRef":"1","availability_zone":"north","name":"first"`)
	second := cloud.server(`"flavorRef":"1","availability_zone":"north","name":"second"`)
	third := cloud.server(`"flavorRef":"1","availability_zone":"north","name":"third"`)
	if first.Status != "ACTIVE" || first.Host != "north-1" || second.Status != "ACTIVE" || third.Status != "ERROR" || !strings.Contains(third.Fault.Message, "No valid host") {
		t.Errorf("%+v\n%+v\n%+v", first, second, third)
	}
	cloud.close()

	_, err = open(t, dir, hosts[1:])
	for _, want := range []string{"host north-1 is not among the hosts, but has the server first", "the server second", first.ID} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %s", err, want)
		}
	}
	if cloud, err = open(t, dir, append(hosts, local.Host{Name: "west"})); err != nil {
		t.Fatal(err)
	}
	for _, s := range []shownServer{first, second, third} {
		cloud.do(http.MethodDelete, "/servers/"+s.ID, "", nil)
	}
	cloud.gone()
	cloud.close()
	if cloud, err = open(t, dir, hosts[1:]); err != nil {
		t.Fatal(err)
	}
	cloud.close()
}

type opened struct {
	t     *testing.T
	cloud *local.Cloud
	site  *httptest.Server
	token string
}

type shownServer struct {
	ID, Status string
	Host       string `json:"OS-EXT-SRV-ATTR:host"`
	Fault      struct{ Message string }
}

func open(t *testing.T, dir string, hosts []local.Host) (*opened, error) {
	t.Helper()
	cloud, err := local.Open(t.Context(), local.Options{
		Dir: dir, Driver: "sim", Hosts: hosts, Passwords: map[string]string{"admin": "secret"},
	})
	if err != nil {
		return nil, err
	}
	o := &opened{t: t, cloud: cloud, site: httptest.NewServer(cloud.Handler())}
	t.Cleanup(o.close)
	o.token = o.do(http.MethodPost, o.site.URL+"/identity/v3/auth/tokens", `{"auth":{"identity":{"methods":["password"],"password":{"user":`+
		`{"name":"admin","domain":{"id":"default"},"password":"secret"}}},"scope":{"project":{"name":"admin","domain":{"id":"default"}}}}}`, nil).Get("X-Subject-Token")
	return o, nil
}

func (o *opened) close() {
	o.site.Close()
	if err := o.cloud.Close(); err != nil {
		o.t.Error(err)
	}
}

func (o *opened) get(path string, into any) { o.t.Helper(); o.do(http.MethodGet, path, "", into) }

func (o *opened) do(method, path, body string, into any) http.Header {
	o.t.Helper()
	if !strings.HasPrefix(path, "http") {
		path = o.site.URL + "/compute/v2.1" + path
	}
	r, err := http.NewRequestWithContext(o.t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "X-Auth-Token": {o.token}, "OpenStack-API-Version": {"compute 2.60"}}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		o.t.Fatalf("%s %s: %s", method, path, answer.Status)
	}
	if into != nil {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			o.t.Fatal(err)
		}
	}
	return answer.Header
}

// server makes one and waits for what becomes of it.
func (o *opened) server(fields string) shownServer {
	o.t.Helper()
	var images struct{ Images []struct{ ID string } }
	o.get(o.site.URL+"/image/v2/images", &images)
	var made struct{ Server shownServer }
	o.do(http.MethodPost, "/servers", fmt.Sprintf(`{"server":{%s,"imageRef":%q,"networks":"none"}}`, fields, images.Images[0].ID), &made)
	for end := time.Now().Add(time.Minute); made.Server.Status == "" || made.Server.Status == "BUILD"; {
		if time.Now().After(end) {
			o.t.Fatalf("%+v", made)
		}
		o.get("/servers/"+made.Server.ID, &made)
	}
	return made.Server
}

// gone waits until there is no server.
func (o *opened) gone() {
	o.t.Helper()
	if err := o.cloud.Compute.Wait(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}
