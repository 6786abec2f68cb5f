// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
)

// defaultListen is the port of Nova's API, for this machine only.
const defaultListen = "127.0.0.1:8774"

// hostsExample is a file of hosts.
const hostsExample = `  hosts:
  - name: compute-1
    zone: north                 # availability zone
    vcpus: 4                    # what is left out is shared out of this machine
    ram: 4096                   # MiB
    disk: 40                    # GiB
    traits: [CUSTOM_SSD]
    classes: {CUSTOM_LICENSE: 4}
    devices:                    # PCI devices, which flavors ask for by pci_passthrough:alias
    - {address: "0000:41:00.0", vendor: 10de, product: 1db4, alias: gpu}
    cpu_allocation_ratio: 4.0   # and ram_, disk_
  - name: compute-2
`

func serveCommand(dir *string) *cobra.Command {
	var o local.Options
	var listen, speed, hosts string
	var verbose bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the cloud until interrupted",
		Long: "Run the cloud until interrupted. Everything is kept in the state directory; real machines go on running\n" +
			"and are found again by the next start. MOCKCLOUD_ADMIN_PASSWORD and MOCKCLOUD_DEMO_PASSWORD set the users'\n" +
			"passwords; without them random ones are made at the first start and written to clouds.yaml there.\n" +
			"A password that was changed in Keystone stays: clouds.yaml is without it then.\n\n" +
			"--hosts takes a file, too, of which only the names are required:\n\n" + hostsExample,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			o.Dir = *dir
			if o.Pace, err = pace.Parse(speed); err != nil {
				return err
			}
			if o.Hosts, err = local.ParseHosts(hosts); err != nil {
				return err
			}
			if _, err := nova.FindRelease(o.Release); err != nil {
				return fmt.Errorf("--release: %w", err)
			}
			level := slog.LevelInfo
			if verbose {
				level = slog.LevelDebug
			}
			o.Log = slog.New(slog.NewTextHandler(c.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
			o.Passwords = map[string]string{
				"admin": os.Getenv("MOCKCLOUD_ADMIN_PASSWORD"), "demo": os.Getenv("MOCKCLOUD_DEMO_PASSWORD"),
			}
			return serveCloud(c.Context(), c.OutOrStdout(), listen, o)
		},
	}
	flags := c.Flags()
	flags.StringVar(&listen, "listen", defaultListen, "address to serve on; port 0 takes a free one")
	flags.StringVar(&o.Driver, "driver", "auto", "what runs the servers: qemu, sim, or auto")
	flags.StringVar(&hosts, "hosts", "2", "number of compute hosts, or a YAML or JSON file of them")
	flags.StringVar(&o.GuestImage, "guest-image", "", "qcow2 file to offer in place of the guest image that is built")
	flags.StringVar(&o.Accel, "accel", "auto", "QEMU's accelerator: kvm, tcg, or auto")
	flags.BoolVar(&o.Egress, "egress", false, "let guests out to where this machine can connect to")
	floatingFlags(flags, &o)
	flags.DurationVar(&o.TokenLife, "token-life", time.Hour, "how long tokens are valid")
	flags.StringVar(&o.DefaultScheduleZone, "default-schedule-zone", "", "availability zone of servers whose request names none; any by default")
	flags.StringVar(&o.PolicyFile, "policy-file", "", "oslo.policy file (YAML or JSON) with rules in place of Nova's defaults")
	flags.StringVar(&o.VendorDataFile, "vendor-data", "", "file of a JSON object that guests find as vendor_data.json")
	flags.StringVar(&o.Release, "release", "", "release of Nova whose API to serve, kilo to 2026.1; what any release had, all at once, without")
	limitFlags(flags, &o)
	flags.StringVar(&speed, "pace", "0s", "how long transient states last: 2s for all, or by operation: 2s,reboot=5s,volume.*=1s")
	flags.DurationVar(&o.ReclaimInterval, "reclaim-interval", 0, "how long a deleted server can be restored")
	flags.DurationVar(&o.ResizeConfirmWindow, "resize-confirm-window", 0, "after how long a resize is confirmed by itself; 0: never")
	flags.DurationVar(&o.ShelvedOffloadTime, "shelved-offload-time", 0, "how long a shelved server stays on its host; less than 0: for ever")
	flags.BoolVarP(&verbose, "verbose", "v", false, "log more")
	return c
}

// serveCloud runs the cloud until ctx ends, and tells on out how to reach it.
func serveCloud(ctx context.Context, out io.Writer, listen string, o local.Options) (err error) {
	listener, err := occupy(ctx, listen, o.Log)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // Serve has closed it, unless it was never called
	cloud, err := local.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	if err := cloud.Announce(local.URL(listener)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "The cloud is at %s, on the driver %s.\n\n"+
		"  export OS_CLIENT_CONFIG_FILE=%s\n  export OS_CLOUD=mockcloud        # or mockcloud-admin\n\n",
		local.URL(listener), cloud.Driver, filepath.Join(o.Dir, "clouds.yaml")); err != nil {
		return err
	}
	if cloud.SOCKS != "" {
		if _, err := fmt.Fprintf(out, "SOCKS5 to all servers, by name: %s\n\n", cloud.SOCKS); err != nil {
			return err
		}
	}
	o.Log.Info("serving", "url", local.URL(listener), "driver", cloud.Driver, "state", o.Dir)
	if err := cloud.Serve(ctx, listener); err != nil {
		return err
	}
	o.Log.Info("stopped serving")
	return nil
}

// occupy listens on an address, and warns of one that others can reach.
func occupy(ctx context.Context, address string, log *slog.Logger) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is in use by another program: choose another address with --listen", address)
	}
	if err != nil {
		return nil, fmt.Errorf("--listen %s: %w", address, err)
	}
	warnBeyond(listener.Addr(), log)
	return listener, nil
}

func warnBeyond(at net.Addr, log *slog.Logger) {
	if tcp, ok := at.(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		log.Warn("other machines can reach the cloud, and read what is said to it: there is no TLS", "listen", at.String())
	}
}
