// SPDX-License-Identifier: MPL-2.0

// Terraform-provider-nova is the Terraform provider for OpenStack Nova. Terraform starts it.
package main

import (
	"context"
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
)

// version is set by the linker of a release.
var version = "dev" //nolint:gochecknoglobals // the linker can set nothing else

func main() {
	var debug bool
	flag.BoolVar(&debug, "debug", false, "serve for a debugger: print TF_REATTACH_PROVIDERS and wait for Terraform")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version, os.Getenv), providerserver.ServeOpts{
		Address: provider.Address,
		Debug:   debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
