// SPDX-License-Identifier: MPL-2.0

// Command judge reads reports of the contract proxy and tells what in them is wrong: everything that is not as
// Nova's contract says, but for the places where the contract itself is known not to be as Nova.
package main

import (
	"fmt"
	"os"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/conformance"
)

func main() {
	status := 0
	for _, path := range os.Args[1:] {
		report, err := conformance.ReadReport(path)
		if err == nil && report.Exchanges == 0 {
			err = fmt.Errorf("%s: the proxy saw no exchange", path)
		}
		if err != nil {
			_, _ = fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		for _, v := range report.Wrong() {
			_, _ = fmt.Fprintln(os.Stdout, v)
			status = 1
		}
	}
	os.Exit(status)
}
