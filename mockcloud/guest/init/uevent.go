// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// await asks find until it succeeds: at once, and again whenever the kernel announces a change of
// its devices. It returns find's last error, with the context's, when ctx ends first.
func await[T any](ctx context.Context, find func() (T, error)) (T, error) {
	var none T
	// Listen before we look, lest a device appear in between.
	events, err := listenUevents()
	if err != nil {
		return none, err
	}
	defer events.Close()
	defer context.AfterFunc(ctx, func() { events.Close() })()
	buf := make([]byte, 8192)
	for {
		found, err := find()
		if err == nil {
			return found, nil
		}
		if _, readErr := events.Read(buf); readErr != nil && ctx.Err() != nil {
			return none, fmt.Errorf("%w: %w", context.Cause(ctx), err)
		} else if readErr != nil && !overrun(readErr) {
			return none, readErr
		}
	}
}

// listenUevents opens the kernel's broadcast of device events.
func listenUevents() (*os.File, error) { return listenKernel(unix.NETLINK_KOBJECT_UEVENT, 1) }

// listenKernel opens a broadcast of the kernel's.
func listenKernel(protocol int, groups uint32) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, protocol)
	if err != nil {
		return nil, fmt.Errorf("listen to the kernel: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("listen to the kernel: %w", err)
	}
	return os.NewFile(uintptr(fd), "netlink"), nil
}
