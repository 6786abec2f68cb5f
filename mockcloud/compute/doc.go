// SPDX-License-Identifier: MPL-2.0

// Package compute is what a server is and may do: Nova without HTTP.
//
// Everything that changes an instance goes through one door, the operation (op.go). Its accept is one
// transaction: lock, guard, quota, compare-and-set of task_state, instance action recorded. Its run
// is a goroutine of the Manager, wrapped once with fault record, event result and reset of
// task_state. No lock is held across an operation.
//
// To add a server action: a row in guards (guard.go), an Action and a method in a file of its own
// (start.go is the shortest), and, if it sets a new task_state, a row in recoveries (recover.go).
package compute
