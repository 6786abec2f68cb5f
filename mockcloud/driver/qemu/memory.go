// SPDX-License-Identifier: MPL-2.0

package qemu

import (
	"bufio"
	"fmt"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// spareMemory is what has to be left of this machine's memory, in MiB, beside a guest's own: QEMU itself takes
// about 60.
const spareMemory = 128

// memory is ErrNoResources unless this machine has the guest's memory now: hosts may promise more than there is,
// and a guest that is let in regardless has another one killed.
func (h *Host) memory(guestMiB int) error {
	free, err := h.opts.Available()
	if err != nil {
		return err
	}
	if free < guestMiB+spareMemory {
		return fmt.Errorf("%w: %d MiB of memory are available, %d are needed", driver.ErrNoResources, free, guestMiB+spareMemory)
	}
	return nil
}

// memAvailable is what the kernel thinks can be had without swapping, in MiB.
func memAvailable() (int, error) {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var kib int
		if n, err := fmt.Sscanf(lines.Text(), "MemAvailable: %d kB", &kib); n == 1 && err == nil {
			return kib >> 10, nil
		}
	}
	return 0, fmt.Errorf("%s does not tell MemAvailable", f.Name())
}
