// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"testing"
	"time"
)

const (
	serverA = "aaaaaaaa-0000-4000-8000-000000000001"
	serverB = "bbbbbbbb-0000-4000-8000-000000000002"
)

// reserveFor reserves a volume for a server and returns the attachment's id.
func (c *cloud) reserveFor(id, server string) string {
	c.Helper()
	a := c.want(200, alice, "3.44", "POST", "/attachments", object{"attachment": object{"volume_uuid": id, "instance_uuid": server}})["attachment"].(object)
	if a["status"] != Reserved || a["attach_mode"] != "null" || a["attached_at"] != "" {
		c.Fatalf("%v", a)
	}
	return a["id"].(string)
}

// connect and complete an attachment.
func (c *cloud) connectAt(id, host, device string) {
	c.Helper()
	a := c.want(200, alice, "3.44", "PUT", "/attachments/"+id, object{"attachment": object{"connector": object{"host": host, "mountpoint": device}}})["attachment"].(object)
	if a["status"] != Attaching || a["connection_info"].(object)["driver_volume_type"] != "local" {
		c.Fatalf("%v", a)
	}
	c.want(204, alice, "3.44", "POST", "/attachments/"+id+"/action", object{"os-complete": nil})
}

func (c *cloud) is(id, status string) {
	c.Helper()
	if got := c.show(admin, id)["status"]; got != status {
		c.Errorf("the volume is %v, want %s", got, status)
	}
}

func TestAttachment(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	id := c.volume(alice, object{})
	a := c.reserveFor(id, serverA)
	c.is(id, Reserved)
	if got := c.refused(400, alice, "3.27", "POST", "/attachments", object{"attachment": object{"volume_uuid": id, "instance_uuid": serverB}}); got !=
		"Invalid volume: Volume "+id+" status must be available or downloading to reserve, but the current status is reserved." {
		t.Error(got)
	}
	c.connectAt(a, "compute-1", "/dev/vdb")
	c.is(id, InUse)
	shown := c.show(admin, id)["attachments"].([]any)[0].(object)
	for key, want := range (object{"server_id": serverA, "device": "/dev/vdb", "host_name": "compute-1", "attachment_id": a, "volume_id": id}) {
		if shown[key] != want {
			t.Errorf("%s: %v, want %v", key, shown[key], want)
		}
	}
	if host := c.show(alice, id)["attachments"].([]any)[0].(object)["host_name"]; host != nil {
		t.Errorf("a member sees the host %v", host)
	}
	// The server moves: the same server reserves it once more, for another host.
	moved := c.reserveFor(id, serverA)
	c.is(id, InUse)
	c.connectAt(moved, "compute-2", "/dev/vdb")
	left := c.want(200, alice, "3.27", "DELETE", "/attachments/"+a, nil)["attachments"].([]any)
	if len(left) != 1 || left[0].(object)["id"] != moved {
		t.Errorf("%v", left)
	}
	c.is(id, InUse)
	c.want(400, alice, "", "DELETE", "/volumes/"+id, nil)
	c.act(202, alice, id, "os-begin_detaching", nil)
	c.is(id, Detaching)
	c.act(202, alice, id, "os-roll_detaching", nil)
	c.is(id, InUse)
	c.want(200, alice, "3.27", "DELETE", "/attachments/"+moved, nil)
	c.is(id, Available)
	c.want(404, alice, "3.27", "GET", "/attachments/"+moved, nil)
	c.want(404, alice, "3.26", "GET", "/attachments", nil)
	c.want(404, alice, "3.26", "DELETE", "/attachments/"+moved, nil)
}

// Several servers at one volume, if its type allows it.
func TestMultiattach(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	c.want(200, admin, "", "POST", "/types", object{"volume_type": object{"name": "many", "extra_specs": object{"multiattach": "<is> True"}}})
	id := c.volume(alice, object{"volume_type": "many"})
	a := c.reserveFor(id, serverA)
	c.connectAt(a, "compute-1", "/dev/vdb")
	b := c.reserveFor(id, serverB)
	c.is(id, Reserved)
	c.connectAt(b, "compute-2", "/dev/vdc")
	if n := len(c.show(alice, id)["attachments"].([]any)); n != 2 {
		t.Errorf("%d attachments", n)
	}
	if got := c.refused(400, alice, "", "POST", "/volumes/"+id+"/action", object{"os-detach": object{}}); got !=
		"Invalid volume: Detach volume failed: More than one attachment, but no attachment_id provided." {
		t.Error(got)
	}
	c.act(202, alice, id, "os-detach", object{"attachment_id": a})
	c.is(id, InUse)
	c.act(202, admin, id, "os-force_detach", object{"attachment_id": b, "connector": nil})
	c.is(id, Available)
}

// A volume that a server uses is the server's to detach; and what extends it tells the server.
func TestServers(t *testing.T) {
	t.Parallel()
	told := make(chan int64, 1)
	c := start(t, Options{
		ServerHas: func(_ context.Context, server, _ string) (bool, error) { return server == serverA, nil },
		Extended: func(_ context.Context, server, _ string, bytes int64) error {
			if server == serverA {
				told <- bytes
			}
			return nil
		},
	})
	id := c.volume(alice, object{})
	a := c.reserveFor(id, serverA)
	c.connectAt(a, "compute-1", "/dev/vdb")
	for _, r := range []struct {
		method, path string
		body         object
	}{
		{"DELETE", "/attachments/" + a, nil},
		{"POST", "/volumes/" + id + "/action", object{"os-detach": object{"attachment_id": a}}},
		{"POST", "/volumes/" + id + "/action", object{"os-terminate_connection": object{"connector": object{}}}},
	} {
		if got := c.refused(409, alice, "3.71", r.method, r.path, r.body); got != "Detach volume from instance "+serverA+" using the Compute API" {
			t.Error(got)
		}
	}
	c.want(400, alice, "3.41", "POST", "/volumes/"+id+"/action", object{"os-extend": object{"new_size": 2}})
	c.want(202, alice, "3.42", "POST", "/volumes/"+id+"/action", object{"os-extend": object{"new_size": 2}})
	if bytes := <-told; bytes != 2*gibibyte {
		t.Errorf("the server is told %d bytes", bytes)
	}
	c.until(alice, "/volumes/"+id, InUse)
	c.want(400, alice, "3.65", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})
	c.want(202, alice, "3.0", "POST", "/snapshots", object{"snapshot": object{"volume_id": id, "force": "true"}})
	c.want(202, alice, "3.66", "POST", "/snapshots", object{"snapshot": object{"volume_id": id}})
}

// What compute does with volumes.
func TestForCompute(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	owner := Caller{UserID: "user-alice", ProjectID: project("alice")}
	name := "root"
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	wanted := "01234567-89ab-4def-8123-456789abcdef"
	first, err := c.Create(ctx, owner, NewVolume{ID: wanted, Name: &name, Size: 1})
	must(err)
	if first, err = c.Await(ctx, first.ID); err != nil || first.Status != Available || first.Type != DefaultType || first.ID != wanted {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := c.Create(ctx, owner, NewVolume{Size: 1})
	must(err)
	_, err = c.Await(ctx, second.ID)
	must(err)
	a, err := c.Reserve(ctx, owner, first.ID, serverA)
	must(err)
	at, err := c.Connect(ctx, a, "compute-1", "/dev/vda")
	must(err)
	must(c.Complete(ctx, a))
	c.is(first.ID, InUse)
	if at.Bytes != gibibyte {
		t.Errorf("%+v", at)
	}
	must(c.Disconnect(ctx, a))
	c.is(first.ID, Reserved)
	_, err = c.Connect(ctx, a, "compute-2", "/dev/vda")
	must(err)
	must(c.Complete(ctx, a))
	must(c.BeginDetaching(ctx, owner, first.ID))
	must(c.RollDetaching(ctx, first.ID))
	// A swap, with an attachment of the second that is there already.
	b, err := c.Reserve(ctx, owner, second.ID, serverA)
	must(err)
	_, err = c.Connect(ctx, b, "compute-2", "/dev/vda")
	must(err)
	if id, err := c.FinishSwap(ctx, first.ID, second.ID, false); err != nil || id != second.ID {
		t.Errorf("%s, %v", id, err)
	}
	c.is(first.ID, Available)
	c.is(second.ID, InUse)
	ids, err := c.AttachmentsOf(ctx, serverA)
	if err != nil || len(ids) != 1 || ids[0] != b {
		t.Errorf("%v, %v", ids, err)
	}
	must(c.Detach(ctx, b))
	must(c.Detach(ctx, b))
	c.is(second.ID, Available)
	if has, err := c.HasType(ctx, owner, DefaultType); !has || err != nil {
		t.Error(has, err)
	}
	if has, err := c.HasType(ctx, owner, "other"); has || err != nil {
		t.Error(has, err)
	}
	must(c.Delete(ctx, owner, first.ID))
	if _, err := c.Volume(ctx, Caller{ProjectID: project("bob")}, second.ID); !volumeNotFound.is(err) {
		t.Error(err)
	}
}
