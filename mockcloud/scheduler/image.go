// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// runsImage tells that the host can run what the image is made for: its architecture, hypervisor, virtual
// machine mode and version of the hypervisor.
func runsImage(r Request, h Host) bool {
	property := func(name, before string) string { return cmp.Or(r.ImageProperties[name], r.ImageProperties[before]) }
	return among(archNames, property("hw_architecture", "architecture"), h.archs()) &&
		among(nil, property("img_hv_type", "hypervisor_type"), h.hypervisors()) &&
		among(modeNames, property("hw_vm_mode", "vm_mode"), []string{"hvm"}) &&
		versionSatisfies(h.HypervisorVersion, property("img_hv_requested_version", "hypervisor_version_requires"))
}

// among tells that the wanted one, by its usual name, is offered; "" is any.
func among(names map[string]string, want string, offered []string) bool {
	want = strings.ToLower(want)
	return want == "" || slices.Contains(offered, cmp.Or(names[want], want))
}

// archNames and modeNames are the usual names of those that have several.
var (
	archNames = map[string]string{"amd64": "x86_64", "x86": "i686", "i386": "i686", "i486": "i686", "i586": "i686"}
	modeNames = map[string]string{"hv": "hvm", "pv": "xen"}
)

// archs are the architectures of the guests that the host can run.
func (h Host) archs() []string {
	if h.Arch == "x86_64" {
		return []string{h.Arch, "i686"}
	}
	return []string{h.Arch}
}

func (h Host) hypervisors() []string {
	name := strings.ToLower(h.Hypervisor)
	if name == "qemu" { // libvirt offers a QEMU host's acceleration under a name of its own
		return []string{name, "kvm"}
	}
	return []string{name}
}

// versionSatisfies tells that a version (7002022 is 7.2.22) is what "predicates" such as ">=5.0, <8" want.
// One that cannot be read is not satisfied.
func versionSatisfies(version int, predicates string) bool {
	const step = 1000
	if version == 0 || predicates == "" {
		return true
	}
	have := []int{version / step / step, version / step % step, version % step}
	for predicate := range strings.SplitSeq(predicates, ",") {
		predicate = strings.TrimSpace(predicate)
		digits := strings.IndexFunc(predicate, func(r rune) bool { return r >= '0' && r <= '9' })
		if digits < 0 {
			return false
		}
		holds, known := orders[strings.TrimSpace(predicate[:digits])]
		want, err := parseVersion(predicate[digits:])
		if !known || err != nil || !holds(slices.Compare(have, want)) {
			return false
		}
	}
	return true
}

var orders = map[string]func(order int) bool{
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
	"==": func(order int) bool { return order == 0 },
	"!=": func(order int) bool { return order != 0 },
	">=": func(order int) bool { return order >= 0 },
	">":  func(order int) bool { return order > 0 },
}

// parseVersion reads "7.2" as 7, 2, 0.
func parseVersion(text string) ([]int, error) {
	parts := []int{0, 0, 0}
	for i, part := range strings.SplitN(strings.TrimSpace(text), ".", len(parts)) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, err
		}
		parts[i] = n
	}
	return parts, nil
}
