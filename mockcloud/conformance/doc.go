// SPDX-License-Identifier: MPL-2.0

// Package conformance holds mockcloud against what is known of the real Nova: the contract of its API
// (operations, microversion ranges, status codes, JSON schemas), as the proxy in
// ../shared/conformance/contract checks it. Where that directory is absent its tests skip. It also
// holds what importing mockcloud may cost.
package conformance
