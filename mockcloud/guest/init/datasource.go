// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

const (
	// configDriveLabel is the label that Nova gives to a config drive.
	configDriveLabel = "config-2"
	// openstackDir is where both sources keep OpenStack's newest documents.
	openstackDir = "openstack/latest"

	metadataURL     = "http://169.254.169.254/"
	metadataTimeout = 15 * time.Second
	metadataPause   = time.Second
	// documentLimit is far above Nova's own limit for user data, 64 KiB.
	documentLimit = 4 << 20
)

// instance is what the cloud says about this machine.
type instance struct {
	source    string
	UUID      string            `json:"uuid"`
	Name      string            `json:"name"`
	Hostname  string            `json:"hostname"`
	AdminPass string            `json:"admin_pass"`
	Keys      map[string]string `json:"public_keys"`
	// Personality is on the config drive alone.
	Personality []struct {
		Path    string `json:"path"`
		Content string `json:"content_path"` // "/content/0000", below openstack
	} `json:"files"`

	userData []byte
	network  *networkData
	files    []writeFile
}

// document reads one of the cloud's documents, by its name below openstackDir; fs.ErrNotExist if it
// has none of that name.
type document func(name string) ([]byte, error)

// readInstance reads the documents of a source. Only meta_data.json has to be there.
func readInstance(source string, read document) (*instance, error) {
	data, err := read("meta_data.json")
	if err != nil {
		return nil, fmt.Errorf("meta_data.json: %w", err)
	}
	in := &instance{source: source}
	if err := json.Unmarshal(data, in); err != nil {
		return nil, fmt.Errorf("meta_data.json: %w", err)
	}
	for _, f := range in.Personality {
		content, err := read("../" + f.Content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Path, err)
		}
		in.files = append(in.files, writeFile{Path: f.Path, Content: base64.StdEncoding.EncodeToString(content), Encoding: "b64"})
	}
	if in.userData, err = read("user_data"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("user_data: %w", err)
	}
	data, err = read("network_data.json")
	if errors.Is(err, fs.ErrNotExist) {
		return in, nil
	}
	if err != nil {
		return nil, fmt.Errorf("network_data.json: %w", err)
	}
	in.network, err = parseNetworkData(data)
	return in, err
}

// shortHostname is the hostname without its domain, as cloud-init sets it; Nova sends it with one.
func (in *instance) shortHostname() string {
	name, _, _ := strings.Cut(in.Hostname, ".")
	return name
}

// readConfigDrive reads the config drive; nil without an error if there is none.
func readConfigDrive() (*instance, error) {
	var device string
	var kind fsKind
	err := eachBlockDevice(func(name string, k fsKind, label string) bool {
		if k == fsExt4 || !strings.EqualFold(label, configDriveLabel) {
			return false
		}
		device, kind = "/dev/"+name, k
		return true
	})
	if errors.Is(err, errNoDevice) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	const target = "/run/config-drive"
	if err := os.MkdirAll(target, 0o700); err != nil {
		return nil, err
	}
	if err := unix.Mount(device, target, string(kind), unix.MS_RDONLY, ""); err != nil {
		return nil, fmt.Errorf("mount config drive %s: %w", device, err)
	}
	defer func() { _ = unix.Unmount(target, 0) }()
	return readInstance("config drive", func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(target, openstackDir, name))
	})
}

// readMetadata asks the metadata service, again and again for a while: the network of a new
// machine may need some time.
func readMetadata(ctx context.Context, c clock.Clock) (*instance, error) {
	ctx, cancel := clock.WithTimeout(ctx, c, metadataTimeout)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		in, err := readInstance("metadata service", func(name string) ([]byte, error) {
			return get(ctx, client, metadataURL+openstackDir+"/"+name)
		})
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return in, err
		}
		if c.Sleep(ctx, metadataPause) != nil {
			return nil, err
		}
	}
}

func get(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return io.ReadAll(io.LimitReader(response.Body, documentLimit))
	case http.StatusNotFound:
		return nil, fs.ErrNotExist
	}
	return nil, fmt.Errorf("GET %s: %s", url, response.Status)
}
