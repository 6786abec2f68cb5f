// SPDX-License-Identifier: MPL-2.0

//go:build linux

// Command init is PID 1 of the mockcloud guest, the only program in it besides busybox. The kernel
// starts it from the initramfs; it loads modules, makes the root file system as large as the disk,
// moves into it and stays: network, metadata, SSH, consoles, guest agent and power button are
// goroutines of this one process. Package guest describes the whole.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

// searchPath is the PATH of everything that the guest runs.
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "init: this is the init of the mockcloud guest, it has to be process 1")
		os.Exit(1)
	}
	c := clock.Wall()
	out := &console{w: os.Stdout}
	if err := boot(context.Background(), c, out); err != nil {
		// PID 1 must not end: that would be a kernel panic, which says less than this line does.
		out.logf("cannot boot: %v", err)
		select {}
	}
	newMachine(c, out).run()
}
