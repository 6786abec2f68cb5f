// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"io"
	"net/netip"
	"net/url"
	"os"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func connectCommand(dir *string) *cobra.Command {
	var user string
	c := &cobra.Command{
		Use:   "connect ADDRESS PORT",
		Short: "Connect standard input and output to a TCP port of a guest, as ssh's ProxyCommand wants it",
		Long: "ADDRESS is a fixed address of a server, its name or its id. For ssh:\n" +
			"  ssh -o ProxyCommand='mockcloud connect %h %p' root@10.0.0.5",
		Args: cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			e, err := local.Credentials(*dir, user)
			if err != nil {
				return err
			}
			cloud, err := login(c.Context(), e)
			if err != nil {
				return err
			}
			query := url.Values{"port": {args[1]}}
			if _, err := netip.ParseAddr(args[0]); err == nil {
				query.Set("address", args[0])
			} else {
				query.Set("server", args[0])
			}
			stream, err := cloud.connect(c.Context(), query)
			if err != nil {
				return err
			}
			return relay(c.Context(), stream)
		},
	}
	c.Flags().StringVar(&user, "user", "admin", "who asks: demo or admin")
	return c
}

// relay copies between the stream and standard input and output until the guest hangs up.
func relay(ctx context.Context, stream io.ReadWriteCloser) error {
	stop := context.AfterFunc(ctx, func() { _ = stream.Close() })
	defer stop()
	go func() { // ends with the process: nothing can interrupt a read of a terminal
		_, _ = io.Copy(stream, os.Stdin)
		if half, ok := stream.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
		}
	}()
	_, err := io.Copy(os.Stdout, stream)
	return err
}
