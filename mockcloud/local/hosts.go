// SPDX-License-Identifier: MPL-2.0

package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Host is a compute host: a name, which is its directory's too, and a budget.
type Host struct {
	Name string
	Zone string // availability zone; "" is "nova"
	// The budget. What is 0 is this machine's, shared out among all hosts that leave it open; simulated hosts
	// have 64 VCPUs, 256 GiB of memory and 4 TiB of disk.
	VCPUs, MemoryMiB, DiskGiB int
	Ratios                    compute.Ratios // of overcommitment; zero ones are Nova's: 4 for VCPUs, else 1
	Cells                     int            // NUMA cells that it is cut into, equal ones; 0 is one
	Traits                    []string       // "CUSTOM_SSD"
	Classes                   map[string]int // "CUSTOM_LICENSE": 4
	Devices                   []compute.PCIDevice
}

// defaultHosts is how many there are unless told otherwise.
const defaultHosts = 2

// Hosts are n equal hosts: compute-1, compute-2, …
func Hosts(n int) []Host {
	hosts := make([]Host, n)
	for i := range hosts {
		hosts[i].Name = fmt.Sprintf("compute-%d", i+1)
	}
	return hosts
}

// ParseHosts reads what --hosts says: a number, or the name of a file, YAML or JSON:
//
//	hosts:
//	- name: compute-1
//	  zone: north          # availability zone
//	  vcpus: 4
//	  ram: 4096            # MiB
//	  disk: 40             # GiB
//	  cells: 2             # NUMA cells, for servers that ask for nodes
//	  traits: [CUSTOM_SSD]
//	  classes: {CUSTOM_LICENSE: 4}
//	  devices:             # PCI devices, for flavors that ask for their alias
//	  - {address: "0000:41:00.0", vendor: 10de, product: 1db4, alias: gpu, cell: 0}
//	  cpu_allocation_ratio: 4.0
//
// Only the name is required. Errors tell the line.
func ParseHosts(text string) ([]Host, error) {
	if n, err := strconv.Atoi(text); err == nil {
		if n < 1 || n > 100 {
			return nil, fmt.Errorf("%d hosts: a cloud has 1 to 100", n)
		}
		return Hosts(n), nil
	}
	raw, err := os.ReadFile(text)
	if err != nil {
		return nil, fmt.Errorf("hosts are a number or a file: %w", err)
	}
	var file hostFile
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", text, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(file.hosts) == 0 {
		return nil, fmt.Errorf(`%s: it wants a list "hosts" with a host at least`, text)
	}
	return file.hosts, nil
}

type hostFile struct{ hosts []Host }

// UnmarshalYAML reads the file; yaml.v3's own errors would speak of Go's types.
func (f *hostFile) UnmarshalYAML(node *yaml.Node) error {
	return eachField(node, func(key *yaml.Node, value *yaml.Node) error {
		if key.Value != "hosts" || value.Kind != yaml.SequenceNode {
			return fmt.Errorf(`line %d: %q: the file has nothing but a list "hosts"`, key.Line, key.Value)
		}
		for _, item := range value.Content {
			h, err := readHost(item)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(f.hosts, func(other Host) bool { return other.Name == h.Name }) {
				return fmt.Errorf("line %d: there are two hosts %q", item.Line, h.Name)
			}
			f.hosts = append(f.hosts, h)
		}
		return nil
	})
}

// eachField calls back with each key and value of a mapping.
func eachField(node *yaml.Node, field func(key, value *yaml.Node) error) error {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: fields with names are expected here", node.Line)
	}
	for n := 0; n < len(node.Content); n += 2 {
		key, value := node.Content[n], node.Content[n+1]
		for m := 0; m < n; m += 2 {
			if node.Content[m].Value == key.Value {
				return fmt.Errorf("line %d: %q is there twice", key.Line, key.Value)
			}
		}
		if err := field(key, value); err != nil {
			return err
		}
	}
	return nil
}

// rule is a field of a host: where it goes, what it has to be.
type rule struct {
	into any
	want string
	ok   func() bool
}

var (
	hostNames  = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]{0,62}$`)
	zoneNames  = regexp.MustCompile(`^[^\s:][^:]{0,254}$`)
	traitNames = regexp.MustCompile(`^[A-Z0-9_]{1,255}$`)
	classNames = regexp.MustCompile(`^CUSTOM_[A-Z0-9_]{1,248}$`)
)

func readHost(node *yaml.Node) (h Host, err error) {
	number := func(n *int, unit string) rule {
		return rule{n, "a whole number of " + unit + ", 1 at least", func() bool { return *n > 0 }}
	}
	ratio := func(r *float64) rule {
		return rule{r, "a number above 0", func() bool { return *r > 0 }}
	}
	rules := map[string]rule{
		"name":                  {&h.Name, "letters, digits, dots, dashes and underscores, 63 at most", func() bool { return hostNames.MatchString(h.Name) }},
		"zone":                  {&h.Zone, "the name of an availability zone, without a colon", func() bool { return zoneNames.MatchString(h.Zone) }},
		"vcpus":                 number(&h.VCPUs, "processors"),
		"ram":                   number(&h.MemoryMiB, "MiB"),
		"disk":                  number(&h.DiskGiB, "GiB"),
		"cells":                 number(&h.Cells, "NUMA cells"),
		"cpu_allocation_ratio":  ratio(&h.Ratios.CPU),
		"ram_allocation_ratio":  ratio(&h.Ratios.RAM),
		"disk_allocation_ratio": ratio(&h.Ratios.Disk),
		"devices":               {(*devices)(&h.Devices), "a list of PCI devices with an address and the ids of vendor and product", func() bool { return true }},
		"traits": {&h.Traits, "a list of traits like CUSTOM_SSD", func() bool {
			return !slices.ContainsFunc(h.Traits, func(t string) bool { return !traitNames.MatchString(t) })
		}},
		"classes": {&h.Classes, "amounts, 1 at least, of resource classes like CUSTOM_LICENSE", func() bool {
			for class, n := range h.Classes {
				if n < 1 || !classNames.MatchString(class) {
					return false
				}
			}
			return true
		}},
	}
	err = readFields(node, "host", rules)
	switch {
	case err != nil:
	case h.Name == "":
		err = fmt.Errorf("line %d: a host needs a name", node.Line)
	default:
		err = checkCells(node, h)
	}
	return h, err
}

// readFields reads a mapping by rules.
func readFields(node *yaml.Node, of string, rules map[string]rule) error {
	return eachField(node, func(key, value *yaml.Node) error {
		r, known := rules[key.Value]
		if !known {
			return fmt.Errorf("line %d: a %s has no field %q", key.Line, of, key.Value)
		}
		if list, nested := r.into.(*devices); nested && value.Kind == yaml.SequenceNode {
			return list.read(value)
		}
		_, whole := r.into.(*int) // yaml.v3 would cut 1.5 down to 1
		if err := value.Decode(r.into); err != nil || !r.ok() || whole && value.ShortTag() != "!!int" {
			return fmt.Errorf("line %d: %s has to be %s", value.Line, key.Value, r.want)
		}
		return nil
	})
}

// spec completes a host's specification with what the owner said of it.
func (h Host) spec(s compute.HostSpec, vcpus, memoryMiB int) compute.HostSpec {
	s.Zone, s.Ratios, s.Traits, s.Classes, s.Devices = h.Zone, h.Ratios, h.Traits, h.Classes, h.Devices
	if h.Cells > 0 {
		s.Cells = slices.Repeat([]compute.NUMACell{{CPUs: vcpus / h.Cells, MemoryMiB: memoryMiB / h.Cells}}, h.Cells)
	}
	return s
}

// share is what of this machine's total each host gets that leaves its own amount open.
func share(hosts []Host, total int, amount func(Host) int) int {
	open := 0
	for _, h := range hosts {
		if total -= amount(h); amount(h) == 0 {
			open++
		}
	}
	return max(total/max(open, 1), 1)
}

// keepServed refuses hosts that leave out one with servers on it: nobody could reach them any more.
func keepServed(ctx context.Context, records store.Store, hosts []Host) error {
	names := make([]string, len(hosts))
	for n, h := range hosts {
		names[n] = h.Name
	}
	stranded, err := compute.Stranded(ctx, records, names)
	if err != nil || len(stranded) == 0 {
		return err
	}
	var errs []error
	for _, s := range stranded {
		errs = append(errs, fmt.Errorf("host %s is not among the hosts, but has the server %s (%s)", s.Host, s.Name, s.ID))
	}
	return errors.Join(append(errs, errors.New("start with these hosts, and move or delete the servers before"))...)
}
