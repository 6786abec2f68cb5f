// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Power states of the API.
const (
	noState   = 0
	running   = 1
	paused    = 3
	shutDown  = 4
	crashed   = 6
	suspended = 7
)

// legal are the power states that a server may have in a status. Nova stops one whose machine has died only if it
// was to be active or paused; of others it tells that they have crashed.
var legal = map[string][]int{
	"ACTIVE": {running}, "SHUTOFF": {shutDown}, "PAUSED": {paused}, "SUSPENDED": {shutDown, suspended},
	"RESCUE": {running, shutDown, crashed}, "VERIFY_RESIZE": {running, shutDown, crashed}, "SHELVED": {shutDown}, "SHELVED_OFFLOADED": {shutDown, noState},
	"ERROR": {noState, running, paused, shutDown, crashed},
}

var machineOf = regexp.MustCompile(`/hosts/([^/]+)/machines/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})`)

// running are the QEMUs of this cloud by the server that they run.
func (w *chaos) running() map[string][]int {
	found := map[string][]int{}
	for pid, line := range w.processesOf() {
		if m := machineOf.FindStringSubmatch(line); m != nil && strings.Contains(line, "qemu-system") {
			found[m[2]] = append(found[m[2]], pid)
		}
	}
	return found
}

// onHost is the host whose directory a server's QEMU uses.
func (w *chaos) onHost(id string) string {
	for _, line := range w.processesOf() {
		if m := machineOf.FindStringSubmatch(line); m != nil && m[2] == id {
			return m[1]
		}
	}
	return ""
}

// processesOf are the command lines that name the cloud's directory.
func (w *chaos) processesOf() map[int]string {
	found := map[int]string{}
	paths, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range paths {
		var pid int
		line, err := os.ReadFile(path)
		if _, bad := fmt.Sscanf(path, "/proc/%d/", &pid); err == nil && bad == nil && strings.Contains(string(line), w.options.Dir) {
			found[pid] = string(line)
		}
	}
	return found
}

func killProcess(pid int) error { return syscall.Kill(pid, syscall.SIGKILL) }

// check holds everything that there is against everything else.
func (w *chaos) check() {
	w.t.Helper()
	there := map[string]view{}
	for _, s := range w.souls {
		v := s.show()
		there[v.ID] = v
		if v.Status == "ERROR" {
			w.done.Errors++
			w.t.Logf("%s is in ERROR: %s", v.ID, v.Fault.Message)
		}
	}
	// What ended a moment ago may be noticed in another, and a guest may take its minute to let a disk go.
	var complaints []string
	w.until(90*time.Second, func() bool {
		complaints = nil
		for id := range there {
			there[id] = (&server{client: w.client, ID: id}).show()
			complaints = append(complaints, w.disagreements(there[id])...)
		}
		for id, pids := range w.running() {
			if _, ok := there[id]; !ok {
				complaints = append(complaints, fmt.Sprintf("the QEMUs %v run %s, which is no server", pids, id))
			}
		}
		complaints = append(complaints, w.strayFiles(there)...)
		complaints = append(complaints, w.strayPorts(there)...)
		complaints = append(complaints, w.strayVolumes(there)...)
		return complaints == nil
	})
	for _, c := range complaints {
		w.t.Error(c)
	}
}

// disagreements are between what the API says of a server and its process.
func (w *chaos) disagreements(v view) (found []string) {
	complain := func(format string, args ...any) {
		found = append(found, fmt.Sprintf("server %s is %s (power state %d, task %s): ", v.ID, v.Status, v.Power, taskOf(v))+fmt.Sprintf(format, args...))
	}
	powers, known := legal[v.Status]
	if !known || v.Task != nil || !slices.Contains(powers, v.Power) {
		complain("no state to stay in")
	}
	pids := w.running()[v.ID]
	alive := v.Power == running || v.Power == paused
	switch {
	case alive && len(pids) != 1 || !alive && len(pids) > 0 && v.Status != "ERROR" && v.Power != crashed:
		complain("its QEMUs are %v", pids)
	case len(pids) == 1 && w.onHost(v.ID) != v.Host:
		complain("its QEMU is on %s, Nova says %s", w.onHost(v.ID), v.Host)
	case len(pids) == 1:
		status, err := w.queryStatus(v)
		want := map[int][]string{running: {"running"}, paused: {"paused"}, crashed: {"guest-panicked", "io-error"}}[v.Power]
		if err != nil || want != nil && !slices.Contains(want, status) {
			complain("its QEMU says %q, %v", status, err)
		}
	}
	return found
}

// queryStatus asks a QEMU on its second monitor, which mockcloud leaves alone.
func (w *chaos) queryStatus(v view) (string, error) {
	run, err := os.Readlink(filepath.Join(w.options.Dir, "hosts", v.Host, "run"))
	if err != nil {
		return "", err
	}
	conn, err := net.DialTimeout("unix", filepath.Join(run, v.ID, "qmp2"), 5*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return "", err
	}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, 1<<20)
	for n := 0; lines.Scan(); {
		var answer struct{ Return *struct{ Status string } }
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			return "", err
		}
		if answer.Return != nil && answer.Return.Status != "" {
			return answer.Return.Status, nil
		}
		if n < 2 && (n == 0 || answer.Return != nil) { // the greeting, and what it lets us ask
			if _, err := fmt.Fprintf(conn, `{"execute":"%s"}`+"\n", []string{"qmp_capabilities", "query-status"}[n]); err != nil {
				return "", err
			}
			n++
		}
	}
	return "", fmt.Errorf("no answer: %w", lines.Err())
}

// strayFiles are machines' directories on hosts that no server is on.
func (w *chaos) strayFiles(there map[string]view) (found []string) {
	dirs, _ := filepath.Glob(filepath.Join(w.options.Dir, "hosts", "*", "machines", "*"))
	runs, _ := filepath.Glob(filepath.Join(w.options.Dir, "hosts", "*", "run", "*"))
	on := map[string][]string{}
	for _, dir := range slices.Concat(dirs, runs) {
		host, id := filepath.Base(filepath.Dir(filepath.Dir(dir))), filepath.Base(dir)
		v, known := there[id]
		if !known || v.Host == "" || v.Host != host && v.Status != "VERIFY_RESIZE" && v.Status != "ERROR" {
			found = append(found, fmt.Sprintf("%s on %s is left over; the server is %q on %q", filepath.Base(filepath.Dir(dir))+"/"+id, host, v.Status, v.Host))
		}
		on[id] = append(on[id], host)
	}
	for id, v := range there {
		if v.Host != "" && v.Status != "ERROR" && v.Status != "SHELVED_OFFLOADED" && !slices.Contains(on[id], v.Host) {
			found = append(found, fmt.Sprintf("server %s is %s on %s, where it has no files", id, v.Status, v.Host))
		}
	}
	return found
}

// strayPorts are Neutron's of servers that are no more.
func (w *chaos) strayPorts(there map[string]view) (found []string) {
	var list struct {
		Ports []struct {
			ID     string
			Device string `json:"device_id"`
			Owner  string `json:"device_owner"`
		}
	}
	w.call("GET", "/network/v2.0/ports", nil, &list)
	for _, p := range list.Ports {
		if _, known := there[p.Device]; strings.HasPrefix(p.Owner, "compute:") && !known {
			found = append(found, fmt.Sprintf("port %s is left over of server %s", p.ID, p.Device))
		}
	}
	return found
}

// strayVolumes are volumes about which Cinder and Nova disagree.
func (w *chaos) strayVolumes(there map[string]view) (found []string) {
	attached := map[string]string{}
	for id, v := range there {
		for _, volume := range v.Volumes {
			attached[volume.ID] = id
		}
	}
	var list struct {
		Volumes []struct {
			ID, Status  string
			Attachments []struct {
				Server string `json:"server_id"`
			}
		}
	}
	w.call("GET", "/volume/v3/volumes/detail", nil, &list)
	for _, v := range list.Volumes {
		server := ""
		if len(v.Attachments) > 0 {
			server = v.Attachments[0].Server
		}
		owner := there[attached[v.ID]]
		want, holder := "available", ""
		switch {
		case owner.ID == "":
		case owner.Status == "ERROR": // it may have failed between any two steps; a hard reboot connects it again
			continue
		case owner.Host == "": // offloaded: the volume is kept for it, and connected to no host
			want = "reserved"
		default:
			want, holder = "in-use", owner.ID
		}
		if v.Status != want || server != holder {
			found = append(found, fmt.Sprintf("volume %s is %s of %q; Nova says of %q, which is %s", v.ID, v.Status, server, owner.ID, owner.Status))
		}
	}
	return found
}

// inscribe has every guest that runs and has no mark write one.
func (w *chaos) inscribe() {
	w.t.Helper()
	for _, s := range w.souls {
		v := s.show()
		if s.mark != "" || v.Status != "ACTIVE" {
			continue
		}
		mark := fmt.Sprintf("%s-%d", s.ID, w.random.IntN(1e6))
		if _, err := s.attempt("echo " + mark + " >/mark && sync"); err == nil {
			s.mark = mark
		}
	}
}

// judge brings every guest up and asks it for its mark.
func (w *chaos) judge() {
	w.t.Helper()
	up := map[string][]string{
		"SHUTOFF": {"os-start"}, "PAUSED": {"unpause"}, "SUSPENDED": {"resume"}, "RESCUE": {"unrescue"}, "VERIFY_RESIZE": {"confirmResize"},
		"SHELVED": {"unshelve"}, "SHELVED_OFFLOADED": {"unshelve"},
	}
	for _, s := range w.souls {
		for range 4 {
			v := s.show()
			if v.Status == "ACTIVE" || up[v.Status] == nil {
				break
			}
			s.do(up[v.Status][0], nil)
			w.settle()
		}
		v := s.show()
		switch {
		case v.Status == "ERROR":
			w.t.Logf("%s ends in ERROR: %s", s.ID, v.Fault.Message)
		case v.Status != "ACTIVE":
			w.t.Errorf("%s cannot be brought up: %s", s.ID, v.Status)
		case s.mark != "":
			if got := s.run("cat /mark"); got != s.mark {
				w.t.Errorf("the disk of %s says %q, not %q", s.ID, got, s.mark)
			}
		default:
			s.ready()
		}
	}
}
