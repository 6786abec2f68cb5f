// SPDX-License-Identifier: MPL-2.0

// Package metadata renders what an instance is told about itself: the OpenStack and EC2 metadata of
// Nova's metadata service and config drive, as of August 2026 (nova/api/metadata). Files makes the
// config drive, Handler the service at 169.254.169.254; both render an Instance, which is all that the
// package knows of a cloud.
//
// It departs from Nova where Nova fails: paths that make it answer 500 (a list's item, a path below a
// value) are 404 here. Versions are never hidden as being in the future: the newest is of April 2025.
package metadata
