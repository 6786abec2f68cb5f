// SPDX-License-Identifier: MPL-2.0

// Package conformance holds mockcloud against what is known of the real Nova: the contract of its API
// (operations, microversion ranges, status codes, JSON schemas), as the proxy in
// ../shared/conformance/contract checks it. Where that directory is absent its tests skip. It also
// holds what importing mockcloud may cost.
//
// Walks (walks_*_test.go) are tables of steps that reach every operation. TestContract does them through
// the proxy; TestSamples and TestPolicyMatrix do single operations, each on the scene that the steps
// before it in its walk have made. To add an operation: a step where it belongs in a walk, and a row in
// samples_table_test.go for each of its documented exchanges.
//
// TestReference walks the published documents in ../shared/reference: what a document describes is read out of it, and
// tables (reference_*_test.go) say on which scene each operation is done, and where the contract wins.
package conformance
