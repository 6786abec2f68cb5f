// SPDX-License-Identifier: MPL-2.0

// Command judge sums up what others have seen of the cloud, and tells what of it is wrong: everything that is not as
// Nova's contract says, but for the places where the contract itself is known not to be as Nova; and every test of
// tempest that failed, or was skipped though a complete cloud could have run it.
//
//	judge contract REPORT     what the contract proxy wrote
//	judge tempest WORKSPACE   where tempest ran
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/conformance"
)

func main() {
	if len(os.Args) != 3 {
		fail(errors.New("usage: judge contract REPORT | judge tempest WORKSPACE"))
	}
	summary, wrong, err := judge(os.Args[1], os.Args[2])
	if err != nil {
		fail(err)
	}
	_, _ = fmt.Fprintln(os.Stdout, strings.Join(append(summary, wrong...), "\n"))
	if len(wrong) > 0 {
		os.Exit(1)
	}
}

func fail(err error) {
	_, _ = fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

func judge(kind, path string) (summary, wrong []string, err error) {
	switch kind {
	case "contract":
		report, err := conformance.ReadReport(path)
		if err != nil {
			return nil, nil, err
		}
		if report.Exchanges == 0 {
			return nil, nil, fmt.Errorf("%s: the proxy saw no exchange", path)
		}
		for _, v := range report.Wrong() {
			wrong = append(wrong, v.String())
		}
		return []string{report.Summary()}, wrong, nil
	case "tempest":
		run, err := conformance.ReadTempest(path)
		if err != nil {
			return nil, nil, err
		}
		return run.Summary(), run.Wrong(), nil
	}
	return nil, nil, fmt.Errorf("%s: neither contract nor tempest", kind)
}
