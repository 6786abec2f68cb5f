// SPDX-License-Identifier: MPL-2.0

// Terraform-provider-nova is the Terraform provider for OpenStack Nova. Terraform starts it.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
)

// version is set by the linker of a release, which can set nothing but a variable.
var version = "dev"

func main() {
	var debug bool
	flag.BoolVar(&debug, "debug", false, "serve for a debugger: print TF_REATTACH_PROVIDERS and wait for Terraform")
	flag.Parse()
	if !debug {
		outlive()
	}
	err := providerserver.Serve(context.Background(), provider.New(version, os.Getenv), providerserver.ServeOpts{
		Address: provider.Address(),
		Debug:   debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// afterwards is how long the provider works on when Terraform was killed.
const afterwards = time.Minute

// outlive lets the provider live on for a while when Terraform was killed in the middle of an apply, so
// that it can remove what nobody would know of. Otherwise the first line of log would end it, as nobody
// reads its standard error any more.
func outlive() {
	signal.Ignore(syscall.SIGPIPE)
	parent := os.Getppid()
	go func() {
		for os.Getppid() == parent {
			time.Sleep(time.Second)
		}
		time.Sleep(afterwards)
		os.Exit(1)
	}()
}
