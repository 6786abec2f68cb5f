// SPDX-License-Identifier: MPL-2.0

package compute

import "maps"

// flavorProperties are the extra specs that say more than the image's property of the same meaning.
var flavorProperties = map[string]string{"hw:watchdog_action": "hw_watchdog_action"}

// machineProperties are what the driver is told: the image's properties, and the flavor's word where that wins.
func (i *Instance) machineProperties() map[string]string {
	properties := maps.Clone(i.ImageProperties)
	for spec, property := range flavorProperties {
		if value := i.Flavor.ExtraSpecs[spec]; value != "" {
			if properties == nil {
				properties = map[string]string{}
			}
			properties[property] = value
		}
	}
	return properties
}
