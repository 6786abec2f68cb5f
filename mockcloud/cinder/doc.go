// SPDX-License-Identifier: MPL-2.0

// Package cinder is the block storage service: Cinder's API v3, and the Go methods by which compute gets
// volumes.
//
// Each collection is a file: a record, how it is shown, and the operations on it, each one transaction
// (op.go). What takes time happens afterwards and is found by the status that the transaction left
// (task.go): a volume that is creating is being created, by the process that accepted the request or, after
// a crash, by the next one. Statuses that wait for somebody else (attaching, reserved, detaching) have no
// task.
//
// A volume's content is a sparse raw file, or nothing at all where servers are simulated (content.go). Quotas
// are counted from the records in the transaction that adds one (quota.go).
package cinder
