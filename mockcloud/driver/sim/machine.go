// SPDX-License-Identifier: MPL-2.0

package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// machine is a simulated machine, as it is kept.
type machine struct {
	ID        string
	Name      string
	Hostname  string
	VCPUs     int
	MemoryMiB int
	RootBytes int64 // virtual size of the root disk
	NICs      []nic `json:"Interfaces"`
	Volumes   []driver.Volume
	Shares    []driver.Share
	State     driver.State
	Rescue    string // id of the image that it is rescued with
	Spawning  bool   // its Spawn has not ended
	BootedAt  time.Time
	Console   string
}

// nic is a NIC of a machine.
type nic struct{ PortID, MAC string }

func newMachine(m *driver.Machine) *machine {
	r := &machine{ID: m.ID, Name: m.Name, Hostname: m.Hostname, Spawning: true}
	if r.Hostname == "" {
		r.Hostname = m.Name
	}
	r.shape(m)
	return r
}

// shape makes the machine as large as m, with m's NICs and volumes.
func (m *machine) shape(like *driver.Machine) {
	m.VCPUs, m.MemoryMiB, m.NICs = like.VCPUs, like.MemoryMiB, nil
	m.RootBytes = max(int64(like.Root.GiB)<<30, like.Root.Image.Size) //nolint:mnd // GiB
	for _, n := range like.NICs {
		m.NICs = append(m.NICs, nic{n.PortID, n.MAC})
	}
	m.Volumes = slices.Clone(like.Volumes)
}

func (m *machine) boot(now time.Time) {
	m.State, m.BootedAt = driver.Running, now
	m.print(bootLog(m))
}

// halt turns the machine off; one that is off already only changes its state.
func (m *machine) halt(state driver.State, now time.Time) {
	if m.State == driver.Running && state == driver.Shutdown {
		m.print(fmt.Sprintf("[%12.6f] reboot: Power down\n", now.Sub(m.BootedAt).Seconds()))
	}
	m.State = state
}

// keptConsole is how much of a console is kept, in bytes.
const keptConsole = 128 << 10

func (m *machine) print(text string) {
	m.Console += text
	if excess := len(m.Console) - keptConsole; excess > 0 {
		m.Console = m.Console[excess:]
	}
}

// tail is the last lines of text; all of it when lines is negative.
func tail(text string, lines int) string {
	if lines < 0 {
		return text
	}
	from := len(text)
	for ; lines > 0 && from > 0; lines-- {
		from = strings.LastIndexByte(text[:from-1], '\n') + 1
	}
	return text[from:]
}

const (
	suffix = ".json"
	draft  = ".new" // after suffix, while the file is written
)

// file is where a machine is kept in dir.
func file(dir, id string) (string, error) {
	if !filepath.IsLocal(id) || strings.ContainsAny(id, `/\`) {
		return "", fmt.Errorf("machine id %q cannot name a file", id)
	}
	return filepath.Join(dir, id+suffix), nil
}

// save keeps the machine in dir: the file is whole at every moment.
func (m *machine) save(dir string) error {
	if dir == "" {
		return nil
	}
	path, err := file(dir, m.ID)
	if err != nil {
		return err
	}
	content, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+draft, content, 0o600); err != nil {
		return err
	}
	return os.Rename(path+draft, path)
}

// discard removes what save kept.
func discard(dir, id string) error {
	if dir == "" {
		return nil
	}
	path, err := file(dir, id)
	if err != nil {
		return err
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// load reads the machines in dir, which it makes.
func load(dir string) (map[string]*machine, error) {
	if dir == "" {
		return map[string]*machine{}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	drafts, err := filepath.Glob(filepath.Join(dir, "*"+suffix+draft)) // a crash left them
	if err != nil {
		return nil, err
	}
	for _, path := range drafts {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	return read(dir, suffix)
}

// read reads what is kept in dir under that suffix.
func read(dir, suffix string) (map[string]*machine, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if err != nil {
		return nil, err
	}
	machines := map[string]*machine{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		m := new(machine)
		if err := json.Unmarshal(content, m); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		machines[m.ID] = m
	}
	return machines, nil
}
