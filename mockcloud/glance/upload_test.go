// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

func TestUpload(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCloud(t, func(o *Options) { o.Dir, o.MaxSize = dir, 1000 })
			id := c.id(t, "demo", `{`+bare+`}`)
			bodiless := c.id(t, "demo", `{}`)
			file := "/v2/images/" + id + "/file"
			c.hold(t, []exchange{
				{"nothing yet", "demo", "GET " + file, "", "", 204, ""},
				{"media type", "demo", "PUT " + file, "", "x", 415, octets},
				{"no formats", "demo", "PUT /v2/images/" + bodiless + "/file", octets, "x", 400, "must be set prior to saving data"},
				{"others", "other", "PUT " + file, octets, "x", 404, ""},
				{"too large", "demo", "PUT " + file, octets, strings.Repeat("x", 1001), 413, "maximum size of 1000 bytes"},
				{"refused", "demo", "PUT " + file, octets, qcow2(3, nil) + strings.Repeat("\x00", 500), 415, "is of format qcow2, which does not match the declared disk_format raw"},
				{"queued again", "demo", "GET /v2/images/" + id, "", "", 200, `"status":"queued"`},
				{"upload", "demo", "PUT " + file, octets, "0123456789", 204, ""},
				{"twice", "demo", "PUT " + file, octets, "x", 409, "transition from active to saving"},
				{"download", "demo", "GET " + file, "", "", 200, "0123456789"},
				{"range", "demo", "GET " + file, "Range: bytes=2-4", "", 206, "234"},
				{"range beyond", "demo", "GET " + file, "Range: bytes=20-", "", 416, ""},
				{"checksums", "demo", "GET /v2/images/" + id, "", "", 200, `"checksum":"781e5e245d69b566979b86e28d23f2c7"`},
				{"format is fixed", "demo", "PATCH /v2/images/" + id, patchType, `[{"op": "replace", "path": "/disk_format", "value": "qcow2"}]`, 403, "only replaced for a queued image"},
				{"deactivate", "demo", "POST /v2/images/" + id + "/actions/deactivate", "", "", 204, ""},
				{"kept back", "demo", "GET " + file, "", "", 403, "has been deactivated"},
				{"but not from administrators", "admin", "GET " + file, "", "", 200, "0123456789"},
				{"reactivate", "demo", "POST /v2/images/" + id + "/actions/reactivate", "", "", 204, ""},
				{"queued is not deactivated", "demo", "POST /v2/images/" + bodiless + "/actions/deactivate", "", "", 403, "not allowed"},
			})
			if dir != "" {
				if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
					t.Errorf("files: %v, %v", entries, err)
				}
			}
			c.hold(t, []exchange{{"delete", "demo", "DELETE /v2/images/" + id, "", "", 204, ""}})
			if dir != "" {
				if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
					t.Errorf("files after delete: %v, %v", entries, err)
				}
			}
		})
	}
}

func TestInterruptedUpload(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := newCloud(t, func(o *Options) { o.Dir = dir })
	id, ctx := c.id(t, "demo", `{`+bare+`}`), t.Context()
	broken := io.MultiReader(strings.NewReader("half of it"), iotest.ErrReader(errors.New("connection reset")))
	if _, err := c.Upload(ctx, demo, id, broken); api.AsFault(err) == nil || api.AsFault(err).Code != 400 {
		t.Errorf("interrupted: %v", err)
	}
	if i, err := c.Image(ctx, demo, id); err != nil || i.Status != Queued || i.Content != "" {
		t.Errorf("image is %+v, %v", i, err)
	}
	// Deleted while its data arrives: the upload learns of it, and its data goes.
	deleting := io.MultiReader(strings.NewReader("half"), readerFunc(func([]byte) (int, error) {
		if err := c.Delete(ctx, demo, id); err != nil {
			t.Error(err)
		}
		return 0, io.EOF
	}))
	if _, err := c.Upload(ctx, demo, id, deleting); api.AsFault(err) == nil || api.AsFault(err).Code != 410 {
		t.Errorf("deleted meanwhile: %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// TestRecovery starts a second service on what a crash in the middle of an upload leaves.
func TestRecovery(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	c := newCloud(t, func(o *Options) { o.Dir = dir })
	whole, err := c.Register(ctx, demo, Registration{Name: "whole"}, strings.NewReader("data"), 4)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.content.create()
	if err != nil {
		t.Fatal(err)
	}
	id := c.id(t, "demo", `{`+bare+`}`)
	if _, err := c.beginSaving(ctx, demo.identity(), id, d.key()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/README", []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := New(ctx, Options{Store: c.store, Clock: c.clock, Auth: people{}, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if i, err := again.Image(ctx, demo, id); err != nil || i.Status != Queued {
		t.Errorf("the image is %+v, %v", i, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("files: %v, %v", entries, err)
	}
	data, err := again.Open(whole)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	if text, err := io.ReadAll(data); err != nil || string(text) != "data" {
		t.Errorf("the other image has %q, %v", text, err)
	}
}

func TestPatchTooLarge(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	id := c.id(t, "demo", `{`+bare+`}`)
	patch := `[{"op": "replace", "path": "/name", "value": "` + strings.Repeat("x", 120_000) + `"}]`
	c.hold(t, []exchange{{"too large", "demo", "PATCH /v2/images/" + id, patchType, patch, 413, "too large"}})
}

// A download that finds the image's data gone, because a delete came between, is of no image: 404.
func TestDownloadMeetsDelete(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	i, err := c.Register(t.Context(), demo, Registration{Name: "i"}, strings.NewReader("data"), 4)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.content.remove(i.Content); err != nil {
		t.Fatal(err)
	}
	c.hold(t, []exchange{{"gone", "demo", "GET /v2/images/" + i.ID + "/file", "", "", 404, "No image found with ID " + i.ID}})
}

func TestSeed(t *testing.T) {
	t.Parallel()
	c, ctx := newCloud(t), t.Context()
	for range 2 {
		if err := c.Seed(ctx, SeedOptions{AdminProjectID: "admin"}); err != nil {
			t.Fatal(err)
		}
	}
	c.hold(t, []exchange{{"everybody has it", "other", "GET /v2/images?name=demo&status=active&visibility=public", "", "", 200, `"disk_format":"raw"`}})
	if _, err := c.Register(ctx, admin, Registration{Name: "q"}, strings.NewReader(qcow2(3, backing)), 104); api.AsFault(err) == nil {
		t.Errorf("an unsafe image is registered: %v", err)
	}
	_, _, text := c.send(t, "admin", "GET /v2/images", "", "")
	if got := imageNames(t, text); got != "[demo]" {
		t.Errorf("images are %s", got)
	}
}

// BenchmarkList lists 100 images over HTTP.
func BenchmarkList(b *testing.B) {
	c := newCloud(b)
	for n := range 100 {
		if _, err := c.Create(b.Context(), demo, Registration{Name: fmt.Sprint(n), Properties: map[string]string{"os_distro": "debian"}}); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if status, _, _ := c.send(b, "demo", "GET /v2/images?limit=100", "", ""); status != 200 {
			b.Fatal(status)
		}
	}
}

// BenchmarkUpload uploads and deletes 16 MiB, in memory.
func BenchmarkUpload(b *testing.B) {
	c, data := newCloud(b), bytes.Repeat([]byte("raw data"), 2<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		i, err := c.Register(b.Context(), demo, Registration{}, bytes.NewReader(data), int64(len(data)))
		if err == nil {
			err = c.Delete(b.Context(), demo, i.ID)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
