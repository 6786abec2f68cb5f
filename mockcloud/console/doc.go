// SPDX-License-Identifier: MPL-2.0

// Package console is the proxy between browsers and the consoles of servers (Nova: nova-novncproxy,
// nova-serialproxy, nova-spicehtml5proxy): a WebSocket whose token Nova's API gave out is bridged to where the
// machine's console listens. It knows nothing of Nova but the tokens.
package console
