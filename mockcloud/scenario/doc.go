// SPDX-License-Identifier: MPL-2.0

// Package scenario holds a whole cloud of real QEMU machines to its word: each test does to servers what
// Nova's API offers and looks at the effect inside the guest, or on the wire. It has tests only, which
// run by `make test-qemu` and skip elsewhere.
//
// A scenario takes the cloud that all of them share, boots what it needs and leaves nothing behind:
//
//	func TestPause(t *testing.T) {
//		t.Parallel()
//		c := cloud(t)
//		s := c.boot(with{"name": "web"})
//		s.do("pause", nil)
//		s.wait("PAUSED")
//		s.do("unpause", nil)
//		s.wait("ACTIVE")
//		if got := s.run("hostname"); got != "web" {
//			t.Errorf("the guest is called %q", got)
//		}
//	}
//
// One that kills or restarts the cloud takes newCloud, which nobody else uses. Few boots: a server
// serves all checks that do not disturb each other.
package scenario
