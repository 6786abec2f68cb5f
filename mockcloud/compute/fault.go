// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"regexp"
	"strings"
)

var paths = regexp.MustCompile(`(^|[\s'"(=:])(/[^\s'"(),:;/][^\s'"(),:;]*/)([^\s'"(),:;/]*)`)

// public is a driver's complaint as a tenant may read it: of the host's files it has the names, not the places.
// Administrators have the whole of it in the fault's details. Devices are the guest's own.
func public(message string) string {
	return paths.ReplaceAllStringFunc(message, func(found string) string {
		part := paths.FindStringSubmatch(found)
		if strings.HasPrefix(part[2], "/dev/") {
			return found
		}
		return part[1] + part[3]
	})
}
