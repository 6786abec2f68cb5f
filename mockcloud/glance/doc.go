// SPDX-License-Identifier: MPL-2.0

// Package glance is the image service: Glance's API v2, and the Go methods by which compute reads and
// makes images.
//
// What an image is and who sees it is in image.go; the content is in content.go (where it is kept),
// data.go (how it comes and goes) and inspect*.go (what may come: an image that reaches beyond itself, by
// a backing file, an external data file or a descriptor, is refused, whatever its declared format says).
package glance
