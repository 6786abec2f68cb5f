// SPDX-License-Identifier: MPL-2.0

// Command demo is a cloud, the provider and Terraform in one go: it starts mockcloud, applies an example
// through the provider, waits for the guest and logs into it. It runs from the repository's root.
//
// It stays until Ctrl-C and then destroys what it made. With DEMO_ONCE=1 it destroys right after the
// login and exits 0, or 1 if any step failed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func main() {
	d := &demo{out: os.Stdout, once: os.Getenv("DEMO_ONCE") == "1"}
	flag.StringVar(&d.example, "example", filepath.Join("examples", "demos", "first-server"), "directory of the configuration")
	flag.StringVar(&d.driver, "driver", "auto", "what runs the server: qemu, sim, or auto")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := d.run(ctx)
	stop()
	if err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demoDir is what the directories of demos begin with.
const demoDir = "mockcloud-demo-"

// demo is one run.
type demo struct {
	example, driver string
	once            bool
	out             io.Writer

	dir   string // of everything, gone at the end
	cloud *local.Cloud
	url   string
	tf    *terraform
	began time.Time
}

// run does it all and leaves nothing behind.
func (d *demo) run(ctx context.Context) (err error) {
	d.began = time.Now()
	if err := sweep(ctx); err != nil {
		return err
	}
	if d.dir, err = os.MkdirTemp("", demoDir); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(d.dir)) }()
	d.say("Starting the cloud.")
	if d.cloud, err = local.Open(ctx, local.Options{
		Dir: filepath.Join(d.dir, "cloud"), Driver: d.driver, Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.clear(context.WithoutCancel(ctx)), d.cloud.Close()) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d.url = local.URL(listener)
	serving, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- d.cloud.Serve(serving, listener) }()
	defer func() {
		hangUp()
		err = errors.Join(err, <-served)
	}()
	if err := d.cloud.Announce(d.url); err != nil {
		return err
	}
	return d.show(ctx)
}

// sweep removes what demos have left that were killed: their machines would run for ever. What another user has
// made under such a name is not looked into.
func sweep(ctx context.Context) error {
	// Who has made the records has locked the directory before.
	left, err := filepath.Glob(filepath.Join(os.TempDir(), demoDir+"*", "cloud", "cloud.sqlite"))
	for _, path := range left {
		cloud := filepath.Dir(path)
		if !local.Ours(filepath.Dir(cloud)) || local.InUse(cloud) {
			continue
		}
		err = errors.Join(err, local.Demolish(ctx, cloud), os.RemoveAll(filepath.Dir(cloud)))
	}
	return err
}

// show applies, logs in, waits, destroys.
func (d *demo) show(ctx context.Context) (err error) {
	if d.tf, err = newTerraform(ctx, d); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.tf.close()) }()
	d.say("The cloud is at %s, on the driver %s. Now terraform apply.", d.url, d.cloud.Driver)
	defer func() {
		// The cloud goes with the process, but terraform destroy is part of what is shown, and the
		// proof that nothing is in its way.
		d.say("Now terraform destroy.")
		err = errors.Join(err, d.tf.run(context.WithoutCancel(ctx), "destroy"))
	}()
	if err := d.tf.run(ctx, "apply"); err != nil {
		return err
	}
	if err := d.login(ctx); err != nil {
		return err
	}
	if d.once {
		return nil
	}
	d.say("The cloud stays until you press Ctrl-C.")
	<-ctx.Done()
	return nil
}

// clear deletes what a failed terraform destroy has left: machines would outlive the cloud.
func (d *demo) clear(ctx context.Context) error {
	left, err := d.cloud.Compute.List(ctx, compute.Filter{})
	for _, server := range left {
		err = errors.Join(err, d.cloud.Compute.Delete(ctx, compute.Caller{Admin: true, ProjectID: server.ProjectID}, server.ID))
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return errors.Join(err, d.cloud.Compute.Wait(ctx))
}

// say prints a line with the seconds since the start.
func (d *demo) say(format string, args ...any) {
	seconds := time.Since(d.began).Seconds()
	fmt.Fprintf(d.out, "\n[%5.1f s] %s\n", seconds, fmt.Sprintf(format, args...))
}
