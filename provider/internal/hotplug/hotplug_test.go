// SPDX-License-Identifier: MPL-2.0

package hotplug_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/hotplug"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/session"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// devices are those of the one server, "s", of a cloud.
type devices struct {
	*novatest.Cloud
	t       *testing.T
	session *session.Session

	mu    sync.Mutex
	ports []string
	// attaching and detaching may answer in the cloud's place, after it has done its work.
	attaching, detaching func(w http.ResponseWriter) bool
	volume               string                           // Cinder's status of the only volume; "" is that Nova has none
	letting              func(w http.ResponseWriter) bool // as detaching, but of the volume
}

func start(t *testing.T) *devices {
	t.Helper()
	d := &devices{Cloud: novatest.Start(t), t: t}
	c, err := client.New(t.Context(), client.Config{
		Lookup: d.Env, Clock: hurried{}, MaxRetries: 3, Endpoints: map[string]string{"block-storage": d.URL + "/volume/v3"},
	})
	if err != nil {
		t.Fatal(err)
	}
	d.session = session.New(c)
	d.Put("s", nil)
	d.Intercept(d.answer)
	return d
}

// hurried is the clock of the wall, with short pauses.
type hurried struct{ wait.Wall }

func (h hurried) Sleep(ctx context.Context, pause time.Duration) error {
	return h.Wall.Sleep(ctx, pause/100)
}

func (d *devices) server() hotplug.Server { return hotplug.Of(d.session, "s") }

func (d *devices) answer(w http.ResponseWriter, r *http.Request) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch path, write := r.URL.Path, r.Method != http.MethodGet; {
	case strings.HasSuffix(path, "/volume/v3/volumes/v"):
		attachments := `{"server_id": "s"}`
		if d.volume == "" {
			attachments = ""
		}
		_, _ = fmt.Fprintf(w, `{"volume": {"id": "v", "status": %q, "attachments": [%s]}}`, d.volume, attachments)
	case strings.Contains(path, "/os-volume_attachments"):
		switch {
		case r.Method == http.MethodDelete:
			if d.letting == nil || !d.letting(w) {
				w.WriteHeader(http.StatusAccepted)
			}
		case !write && d.volume == "":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte(`{"volumeAttachment": {"volumeId": "v"}}`))
		}
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/os-interface"):
		port := fmt.Sprintf("p%d", len(d.ports)+1)
		d.ports = append(d.ports, port)
		if d.attaching == nil || !d.attaching(w) {
			_, _ = fmt.Fprintf(w, `{"interfaceAttachment": {"port_id": %q, "net_id": "n"}}`, port)
		}
	case r.Method == http.MethodDelete && strings.Contains(path, "/os-interface/"):
		if d.detaching == nil || !d.detaching(w) {
			w.WriteHeader(http.StatusAccepted)
		}
	case strings.HasSuffix(path, "/os-interface"):
		var all []string
		for _, port := range d.ports {
			all = append(all, fmt.Sprintf(`{"port_id": %q, "net_id": "n"}`, port))
		}
		_, _ = fmt.Fprintf(w, `{"interfaceAttachments": [%s]}`, strings.Join(all, ", "))
	case strings.Contains(path, "/os-interface/"):
		w.WriteHeader(http.StatusNotFound)
	default:
		return false
	}
	return true
}

// once has what is called answer by f the first time only.
func once(f func(w http.ResponseWriter)) func(w http.ResponseWriter) bool {
	called := false
	return func(w http.ResponseWriter) bool {
		if called {
			return false
		}
		called = true
		f(w)
		return true
	}
}

// TestLostAnswerMakesNoSecondInterface: what the first attempt made is known by what was not there before.
func TestLostAnswerMakesNoSecondInterface(t *testing.T) {
	t.Parallel()
	d := start(t)
	d.ports = []string{"p1"}
	d.attaching = once(novatest.HangUp)
	made, err := d.server().AttachInterface(t.Context(), nova.NetworkRequest{UUID: "n"})
	if err != nil || made.PortID != "p2" || len(d.ports) != 2 {
		t.Errorf("made %v of %v: %v", made, d.ports, err)
	}
}

// TestAnotherTaskIsWaitedFor: Nova plugs nothing while it does something else with the server.
func TestAnotherTaskIsWaitedFor(t *testing.T) {
	t.Parallel()
	d := start(t)
	d.Put("s", novatest.Server{"OS-EXT-STS:task_state": "image_snapshot"})
	d.detaching = once(func(w http.ResponseWriter) {
		w.WriteHeader(http.StatusConflict)
		_, _ = w.Write([]byte(`{"conflictingRequest": {"code": 409, "message":
			"Cannot 'detach_interface' instance s while it is in task_state image_snapshot"}}`))
		time.AfterFunc(20*time.Millisecond, func() { d.Put("s", novatest.Server{"OS-EXT-STS:task_state": nil}) })
	})
	if err := d.server().DetachInterface(t.Context(), "p1"); err != nil {
		t.Error(err)
	}
	if n := d.Count("DELETE /compute/v2.1/servers/s/os-interface/p1"); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// TestOneAfterTheOther: interfaces of one server are not plugged at the same time, those of others are.
func TestOneAfterTheOther(t *testing.T) {
	t.Parallel()
	d := start(t)
	release, err := d.session.Alone(t.Context(), "s")
	if err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := d.server().AttachInterface(short, nova.NetworkRequest{UUID: "n"}); err == nil || len(d.ports) > 0 {
		t.Errorf("attached while another was under way: %v", err)
	}
	if other, err := d.session.Alone(t.Context(), "t"); err != nil {
		t.Error(err)
	} else {
		other()
	}
	release()
	if _, err := d.server().AttachInterface(t.Context(), nova.NetworkRequest{UUID: "n"}); err != nil {
		t.Error(err)
	}
}

// TestVolumesThatFail: Nova answers before it knows; what became of the volume, Cinder tells.
func TestVolumesThatFail(t *testing.T) {
	t.Parallel()
	attach := func(ctx context.Context, s hotplug.Server) error {
		_, err := s.AttachVolume(ctx, nova.VolumeRequest{VolumeID: "v"})
		return err
	}
	detach := func(ctx context.Context, s hotplug.Server) error { return s.DetachVolume(ctx, "v") }
	for _, test := range []struct {
		name, status, says string
		do                 func(context.Context, hotplug.Server) error
	}{
		{"an attach that Nova gave up", "", "given up by Nova", attach},
		{"an attach that broke", "error_attaching", "error_attaching", attach},
		{"an attach", "in-use", "", attach},
		{"a detach that the guest refused", "in-use", "did not let go", detach},
		{"a detach", "", "", detach},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := start(t)
			d.volume = test.status
			err := test.do(t.Context(), d.server())
			if test.says == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), test.says) {
				t.Errorf("error: %v", err)
			}
		})
	}
}

// TestDetachThatIsDoneByNow: the first request's answer is lost, the second one meets what the first is doing, and by the
// time of the look that is over. A volume that stays is another matter.
func TestDetachThatIsDoneByNow(t *testing.T) {
	t.Parallel()
	for after, fails := range map[string]bool{"": false, "in-use": true} {
		d := start(t)
		d.volume = "in-use"
		asked := 0
		d.letting = func(w http.ResponseWriter) bool {
			if asked++; asked == 1 {
				novatest.HangUp(w)
				return true
			}
			d.volume = after
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"badRequest": {"code": 400, "message": "Invalid volume: volume v is detaching."}}`))
			return true
		}
		if err := d.server().DetachVolume(t.Context(), "v"); fails != (err != nil) || asked != 2 {
			t.Errorf("%q: asked %d times: %v", after, asked, err)
		}
	}
}

// TestInterfaceThatIsWorkedOnStill: what stands before Nova gave the attach up, but Nova did not.
func TestInterfaceThatIsWorkedOnStill(t *testing.T) {
	t.Parallel()
	d := start(t)
	asked, records := 0, 0
	d.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		switch path := r.URL.Path; {
		case strings.HasSuffix(path, "/os-interface") && r.Method == http.MethodPost:
			asked++
			w.WriteHeader(http.StatusGatewayTimeout)
		case strings.HasSuffix(path, "/os-instance-actions"):
			_, _ = w.Write([]byte(`{"instanceActions": [{"action": "attach_interface", "request_id": "req-1"}]}`))
		case strings.HasSuffix(path, "/os-instance-actions/req-1"):
			ended := "null"
			if records++; records == 3 {
				d.ports, ended = []string{"p1"}, `"2026-11-21T10:00:00.000000"`
			}
			_, _ = fmt.Fprintf(w, `{"instanceAction": {"action": "attach_interface", "events": [{"finish_time": %s}]}}`, ended)
		default:
			return d.answer(w, r)
		}
		return true
	})
	made, err := d.server().AttachInterface(t.Context(), nova.NetworkRequest{UUID: "n"})
	if err != nil || made.PortID != "p1" || asked != 1 {
		t.Errorf("asked %d times, made %v: %v", asked, made, err)
	}
}
