// SPDX-License-Identifier: MPL-2.0

package server

// bootsFromVolume is whether the server of m has a volume for its root disk, and so needs no image.
func (m *model) bootsFromVolume() bool { return false }
