// SPDX-License-Identifier: MPL-2.0

// Command mockcloud is an OpenStack cloud on one machine: serve runs it, the other commands use it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal does not wait for what the first one began
	if err := command().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "mockcloud:", err)
		stop()
		os.Exit(1)
	}
}

func command() *cobra.Command {
	var dir string
	root := &cobra.Command{
		Use:           "mockcloud",
		Short:         "An OpenStack cloud on one machine, with simulated servers or real QEMU machines",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringVar(&dir, "state-dir", local.DefaultDir(), "where the cloud keeps everything")
	root.AddCommand(serveCommand(&dir), openrcCommand(&dir), sshCommand(&dir), connectCommand(&dir), screenshotCommand(&dir), imageCommand(&dir), doctorCommand(&dir))
	return root
}
