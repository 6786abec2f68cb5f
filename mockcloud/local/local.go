// SPDX-License-Identifier: MPL-2.0

// Package local puts a cloud onto this machine: a state directory with its records, images and
// machines, hosts on the driver that the machine can run, and clouds.yaml for its users. It is what
// mockcloud serve and the demo have in common.
package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/pace"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/sqlite"
)

// Options say what kind of cloud is opened.
type Options struct {
	// Dir keeps everything that the cloud is; it is made if need be, mode 0700.
	Dir string
	// Driver is "qemu", "sim" or "auto": QEMU where it can run, with a word in the log where not.
	Driver string
	// Hosts are the compute hosts; nil is two. ParseHosts reads them from a file.
	Hosts []Host
	// Accel is "auto", "kvm" or "tcg".
	Accel string
	// Egress lets guests out to where this machine can connect to.
	Egress bool
	// FloatingRange is where the floating IPs of a fresh cloud are, which this machine listens on for the servers;
	// zero is 127.64.0.0/16.
	FloatingRange netip.Prefix
	// FloatingPorts are network.Options'.
	FloatingPorts []uint16
	// SOCKS is a loopback address for a SOCKS5 door to all servers; "" is none.
	SOCKS string
	// NoGuest leaves out the guest image, which QEMU's servers can boot and a fresh machine has to build.
	NoGuest bool
	// GuestImage is a qcow2 file to offer in place of the guest image that is built; "" is none.
	GuestImage string
	// Passwords are set for admin and demo; who has none keeps his, or gets a random one in a fresh directory.
	Passwords map[string]string
	TokenLife time.Duration
	// Pace is how long what the cloud does takes beyond what it needs.
	Pace pace.Pace
	// ReclaimInterval, ResizeConfirmWindow and ShelvedOffloadTime are mockcloud.Options'.
	ReclaimInterval, ResizeConfirmWindow, ShelvedOffloadTime time.Duration
	// PolicyFile is an oslo.policy file with rules in place of Nova's defaults; "" is none.
	PolicyFile string
	// VendorDataFile is a JSON object that guests find as vendor_data.json; "" is an empty one.
	VendorDataFile string
	// DefaultScheduleZone is the availability zone of servers whose request names none; "" is any.
	DefaultScheduleZone string
	// Release is mockcloud.Options'.
	Release string
	// RateLimits and Quotas are mockcloud.Options'.
	RateLimits []nova.RateLimit
	Quotas     map[compute.Resource]int
	Log        *slog.Logger
}

// Cloud is an open cloud.
type Cloud struct {
	*mockcloud.Cloud
	// SOCKS is where the SOCKS5 door is; "" if there is none.
	SOCKS string
	// Driver is what runs the servers: "qemu" or "sim".
	Driver string

	dir     string
	log     *slog.Logger
	closers []func() error
}

// Open opens the cloud in a directory, as it was left. One process at a time may have it open.
func Open(ctx context.Context, o Options) (*Cloud, error) {
	c := &Cloud{dir: o.Dir, log: cmp.Or(o.Log, slog.New(slog.DiscardHandler))}
	if err := c.open(ctx, o); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cloud) open(ctx context.Context, o Options) error {
	unlock, err := lockState(ctx, o.Dir)
	if err != nil {
		return err
	}
	c.closers = append(c.closers, unlock)
	first, err := firstPasswords(o.Dir)
	if err != nil {
		return err
	}
	records, err := sqlite.Open(ctx, filepath.Join(o.Dir, "cloud.sqlite"))
	if err != nil {
		return err
	}
	c.closers = append(c.closers, records.Close)
	if o.Hosts == nil {
		o.Hosts = Hosts(defaultHosts)
	}
	if err := keepServed(ctx, records, o.Hosts); err != nil {
		return err
	}
	plant, err := c.build(ctx, o)
	if err != nil {
		return err
	}
	volumes := ""
	if c.Driver == "qemu" {
		volumes = filepath.Join(o.Dir, "volumes")
	}
	if c.Cloud, err = mockcloud.New(ctx, mockcloud.Options{
		Store: records, Clock: clock.Wall(), Hosts: plant.hosts, Fabric: plant.fabric, ImageDir: filepath.Join(o.Dir, "images"), VolumeDir: volumes,
		Passwords: o.Passwords, FirstPasswords: first, TokenLife: o.TokenLife, Pace: o.Pace, ReclaimInterval: o.ReclaimInterval,
		ResizeConfirmWindow: o.ResizeConfirmWindow, ShelvedOffloadTime: o.ShelvedOffloadTime, PolicyFile: o.PolicyFile, VendorDataFile: o.VendorDataFile,
		DefaultScheduleZone: o.DefaultScheduleZone, Release: o.Release, RateLimits: o.RateLimits, Quotas: o.Quotas, Log: c.log,
		NoImage: c.Driver == "qemu", FloatingRange: cmp.Or(o.FloatingRange, floatingRange),
	}); err != nil {
		return err
	}
	if err := c.openSOCKS(ctx, o.SOCKS); err != nil {
		return err
	}
	if c.Driver == "qemu" && !o.NoGuest {
		return c.offerGuest(ctx, o.GuestImage)
	}
	return nil
}

// Serve answers on the listener until ctx ends, and then lets what is under way finish. Announce it first.
func (c *Cloud) Serve(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: c.Handler(), ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    slog.NewLogLogger(c.log.Handler(), slog.LevelWarn),
	}
	var taken tunnels
	taken.watch(server)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) { // an upload may take for ever
		err = server.Close()
	}
	hangUp, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	return errors.Join(err, taken.end(hangUp), ignoreClosed(<-ended))
}

// ignoreClosed is nil for what a server says that was told to end.
func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// URL is where a listener can be reached on this machine.
func URL(listener net.Listener) string {
	at, ok := listener.Addr().(*net.TCPAddr)
	if ok && at.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", at.Port)
	}
	return "http://" + listener.Addr().String()
}

// Close closes what Open opened. Real machines go on running, and are found again by the next Open.
func (c *Cloud) Close() error {
	var errs []error
	if c.Cloud != nil {
		errs = append(errs, c.Cloud.Close())
	}
	for n := len(c.closers) - 1; n >= 0; n-- {
		if err := c.closers[n](); err != nil {
			errs = append(errs, fmt.Errorf("close: %w", err))
		}
	}
	c.closers = nil
	return errors.Join(errs...)
}
