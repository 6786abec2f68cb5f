// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// settled is how long a cloud may take to finish or undo what it was at when it died: a soft reboot that
// is taken up again waits a minute for a guest that does not listen.
const settled = 90 * time.Second

// check holds the cloud to its word: what was promised is there, what was doomed is gone, nothing is
// under way for ever, nothing is left over, and the books are right.
func (c *crowd) check() {
	c.t.Helper()
	var list []server
	c.eventually(settled, func() bool {
		list = c.servers()
		return !slices.ContainsFunc(list, func(v server) bool { return v.Task != nil || c.fates[v.ID] == doomed })
	})
	there := map[string]server{}
	for _, v := range list {
		there[v.ID] = v
		c.checkServer(v)
	}
	fates := map[string]fate{}
	for id := range there { // the answer to a create may have been lost in the crash
		fates[id] = promised
	}
	for id, f := range c.fates {
		if _, ok := there[id]; !ok && f == promised {
			c.t.Errorf("server %s is lost", id)
		}
	}
	c.fates = fates
	ports := c.checkPorts(there)
	c.checkVolumes(there)
	c.checkUsage(len(there))
	c.checkFiles(there, ports)
	if c.driver == "qemu" {
		c.checkProcesses(there)
	}
}

func (c *crowd) checkServer(v server) {
	c.t.Helper()
	if v.Task != nil || !slices.Contains([]string{"ACTIVE", "SHUTOFF", "ERROR"}, v.Status) {
		c.t.Errorf("server %s is stuck: %s, vm_state %s, task_state %v", v.ID, v.Status, v.VM, v.Task)
	}
	if c.fates[v.ID] == doomed {
		c.t.Errorf("server %s was to be deleted and is %s", v.ID, v.Status)
	}
	// A build that was cut short is undone. Nothing else may end in ERROR.
	if v.Status == "ERROR" && !strings.HasPrefix(v.Fault.Message, "Build of instance "+v.ID+" aborted: the compute service was restarted") {
		c.t.Errorf("server %s is in ERROR: %s", v.ID, v.Fault.Message)
	}
}

// checkPorts tells the ids of all ports.
func (s *site) checkPorts(there map[string]server) []string {
	s.t.Helper()
	_, _, body := s.send("GET", "/network/v2.0/ports", "")
	var list struct {
		Ports []struct {
			ID     string
			Device string `json:"device_id"`
			Owner  string `json:"device_owner"`
		}
	}
	s.decode(body, &list)
	var ids []string
	owned := map[string]int{}
	for _, p := range list.Ports {
		ids = append(ids, p.ID)
		owned[p.Device]++
		if _, ok := there[p.Device]; strings.HasPrefix(p.Owner, "compute:") && !ok {
			s.t.Errorf("port %s is left over of server %s", p.ID, p.Device)
		}
	}
	for id, v := range there {
		want := 1
		if v.Status == "ERROR" {
			want = 0
		}
		if owned[id] != want {
			s.t.Errorf("server %s is %s with %d ports", id, v.Status, owned[id])
		}
	}
	return ids
}

// checkUsage compares the quotas' usage with what there is.
func (s *site) checkUsage(servers int) {
	s.t.Helper()
	_, _, body := s.send("GET", "/compute/v2.1/limits", "")
	var limits struct {
		Limits struct {
			Absolute struct{ TotalInstancesUsed, TotalCoresUsed int }
		}
	}
	s.decode(body, &limits)
	used := limits.Limits.Absolute
	if used.TotalInstancesUsed != servers || used.TotalCoresUsed != servers { // the flavor has one VCPU
		s.t.Errorf("%d instances and %d cores are used by %d servers", used.TotalInstancesUsed, used.TotalCoresUsed, servers)
	}
}

var (
	uuids  = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	drafts = regexp.MustCompile(`\.(new|partial|tmp|clouds)\b`)
)

// checkFiles walks over all that the cloud keeps on disk: every file named by an id belongs to something
// that there is, and none is half written.
func (s *site) checkFiles(there map[string]server, ports []string) {
	s.t.Helper()
	sockets, machines := map[string]bool{}, map[string]bool{}
	for _, id := range ports { // package network names a port's sockets so
		sum := sha256.Sum256([]byte(id))
		sockets[hex.EncodeToString(sum[:8])] = true
	}
	err := filepath.WalkDir(s.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path = strings.TrimPrefix(path, s.dir)
		if drafts.MatchString(path) {
			s.t.Errorf("%s is left over", path)
		}
		if name, _, _ := strings.Cut(entry.Name(), "-"); entry.Type() == fs.ModeSocket && strings.Contains(path, "/sockets/") && !sockets[name] {
			s.t.Errorf("%s belongs to no port", path)
		}
		id := uuids.FindString(path)
		if strings.Contains(path, "/hosts/") && id != "" {
			machines[id] = true
		}
		if _, ok := there[id]; id != "" && !ok && !strings.Contains(path, "images/") {
			s.t.Errorf("%s belongs to no server", path)
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
	for id, v := range there {
		if machines[id] != (v.Status != "ERROR") {
			s.t.Errorf("server %s is %s; its machine is there: %t", id, v.Status, machines[id])
		}
	}
}

// checkProcesses compares the servers with the QEMUs that run.
func (s *site) checkProcesses(there map[string]server) {
	s.t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		s.t.Fatal(err)
	}
	running := map[string]int{}
	for _, path := range lines {
		line, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(line), s.dir) || !strings.Contains(string(line), "qemu-system") {
			continue
		}
		id := uuids.FindString(string(line))
		running[id]++
		if _, ok := there[id]; !ok {
			s.t.Errorf("a QEMU of no server: %s", path)
		}
	}
	for id, v := range there {
		want := 0
		if v.Status == "ACTIVE" {
			want = 1
		}
		if running[id] != want {
			s.t.Errorf("server %s is %s with %d QEMU processes", id, v.Status, running[id])
		}
	}
}
