// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"slices"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
)

// abilityTraits are the traits that a driver has by what it can do.
var abilityTraits = []struct {
	has    func(driver.Driver) bool
	traits []string
}{
	{func(driver.Driver) bool { return true }, []string{
		"COMPUTE_NODE", "COMPUTE_DEVICE_TAGGING", "COMPUTE_IMAGE_TYPE_RAW", "COMPUTE_IMAGE_TYPE_QCOW2", "COMPUTE_IMAGE_TYPE_ISO",
	}},
	{can[driver.VolumeAttacher], []string{
		"COMPUTE_VOLUME_ATTACH_WITH_TAG", "COMPUTE_VOLUME_EXTEND", "COMPUTE_VOLUME_MULTI_ATTACH",
	}},
	{can[driver.InterfaceAttacher], []string{"COMPUTE_NET_ATTACH_INTERFACE", "COMPUTE_NET_ATTACH_INTERFACE_WITH_TAG"}},
	{can[driver.Rescuer], []string{"COMPUTE_RESCUE_BFV"}},
	{can[driver.ShareMounter], []string{virtioFS, sharedMemory}},
	{can[driver.Mover], []string{"COMPUTE_SAME_HOST_COLD_MIGRATE"}},
}

func can[A any](d driver.Driver) bool {
	_, able := d.(A)
	return able
}

// traits are those of the host: of its driver, its CPUs and its own, in order.
func (h *host) traits(total driver.Resources) []string {
	traits := slices.Clone(h.HostSpec.Traits)
	if total.Arch != "" {
		traits = append(traits, "HW_ARCH_"+strings.ToUpper(total.Arch))
	}
	for _, ability := range abilityTraits {
		if ability.has(h.Driver) {
			traits = append(traits, ability.traits...)
		}
	}
	slices.Sort(traits)
	return slices.Compact(traits)
}
