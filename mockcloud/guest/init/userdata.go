// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
)

// userData is a server's user data, taken apart.
type userData struct {
	configs [][]byte // #cloud-config documents
	scripts [][]byte // programs that begin with #!
	notes   []string // what is left out, for the console
}

// partLimit keeps a compressed bomb out of the guest's little memory.
const partLimit = 16 << 20

// parseUserData recognises scripts, cloud-config, gzip of either and MIME archives of all that, the
// form that Terraform's cloudinit_config has.
func parseUserData(data []byte) userData {
	var u userData
	u.add("user_data", data)
	return u
}

func (u *userData) add(name string, data []byte) {
	if bytes.HasPrefix(data, []byte("\x1f\x8b")) {
		plain, err := gunzip(data)
		if err != nil {
			u.note("%s: %v", name, err)
			return
		}
		data = plain
	}
	first, _, _ := strings.Cut(string(data[:min(len(data), 200)]), "\n")
	first = strings.TrimSpace(first)
	switch {
	case len(bytes.TrimSpace(data)) == 0:
	case strings.HasPrefix(first, "#!"):
		u.scripts = append(u.scripts, data)
	case first == "#cloud-config":
		u.configs = append(u.configs, data)
	case isMIME(data):
		if err := u.addMIME(data); err != nil {
			u.note("%s: %v", name, err)
		}
	default:
		u.note("%s is not supported, it begins with %q; wanted #!, #cloud-config or a MIME archive", name, first[:min(len(first), 40)])
	}
}

func (u *userData) note(format string, args ...any) {
	u.notes = append(u.notes, fmt.Sprintf(format, args...))
}

func isMIME(data []byte) bool {
	head := strings.ToLower(string(data[:min(len(data), 512)]))
	return strings.HasPrefix(head, "content-type:") || strings.HasPrefix(head, "mime-version:")
}

// addMIME adds each part of a MIME archive. As in cloud-init a part's content type decides what it
// is only where its first line does not.
func (u *userData) addMIME(data []byte) error {
	reader := bufio.NewReader(bytes.NewReader(data))
	header, err := textproto.NewReader(reader).ReadMIMEHeader()
	if err != nil {
		return fmt.Errorf("MIME header: %w", err)
	}
	kind, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("MIME header: %w", err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		body, err := decodePart(header.Get("Content-Transfer-Encoding"), reader)
		if err != nil {
			return err
		}
		u.addPart(kind, kind, body)
		return nil
	}
	parts := multipart.NewReader(reader, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("MIME archive: %w", err)
		}
		body, err := decodePart(part.Header.Get("Content-Transfer-Encoding"), part)
		if err != nil {
			return err
		}
		kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type"))
		name := part.FileName()
		if name == "" {
			name = "part " + kind
		}
		u.addPart(name, kind, body)
	}
}

func (u *userData) addPart(name, kind string, body []byte) {
	if kind == "text/cloud-config" && !bytes.HasPrefix(body, []byte("#cloud-config")) {
		body = append([]byte("#cloud-config\n"), body...)
	}
	u.add(name, body)
}

func decodePart(encoding string, r io.Reader) ([]byte, error) {
	if strings.EqualFold(encoding, "base64") {
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	return io.ReadAll(io.LimitReader(r, partLimit))
}

func gunzip(data []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, partLimit+1))
	if err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	if len(plain) > partLimit {
		return nil, fmt.Errorf("gzip: more than %d MiB", partLimit>>20)
	}
	return plain, nil
}
