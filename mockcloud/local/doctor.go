// SPDX-License-Identifier: MPL-2.0

package local

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Health is how a thing is that a cloud needs.
type Health string

// The healths. A cloud of real machines runs unless something is Bad.
const (
	Good Health = "ok"
	Fair Health = "note" // it runs, with less
	Bad  Health = "bad"
)

// Finding is what the doctor says of one thing.
type Finding struct {
	Subject string // "QEMU"
	Health  Health
	Says    string
	Mend    string // a command that helps, or ""

	fix func(context.Context) error // nil: only its owner can mend it
}

// Patient is what the doctor looks at: this machine, and a state directory on it.
type Patient struct {
	Dir    string
	Listen string // where the cloud would serve; "" is nowhere
}

// checks are what the doctor looks at, in this order.
func (p Patient) checks() []func(context.Context) Finding {
	return []func(context.Context) Finding{
		platform, emulator, imageTool, accelerator, spice, sshClient, p.memory, p.disk, openFiles, bootImage,
		p.stateDir, p.sockets, p.machines, p.port,
	}
}

// Examine looks at everything that a cloud of real machines needs. It changes nothing.
func (p Patient) Examine(ctx context.Context) []Finding {
	var found []Finding
	for _, check := range p.checks() {
		found = append(found, check(ctx))
	}
	return found
}

// Mend does what can be done about findings, and looks again. Each line to out says what is done.
func (p Patient) Mend(ctx context.Context, out io.Writer) []Finding {
	var found []Finding
	for _, check := range p.checks() {
		f := check(ctx)
		if f.Health == Good || f.fix == nil {
			found = append(found, f)
			continue
		}
		fmt.Fprintf(out, "mending: %s: %s\n", f.Subject, f.Says)
		if err := f.fix(ctx); err != nil {
			f.Health, f.Says = Bad, err.Error()
		} else {
			f = check(ctx)
		}
		found = append(found, f)
	}
	return found
}

// WriteFindings writes a line for each, and one for what helps.
func WriteFindings(out io.Writer, found []Finding) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, f := range found {
		fmt.Fprintf(table, "%s\t%s\t%s\n", f.Health, f.Subject, strings.ReplaceAll(f.Says, "\n", "; "))
		if f.Mend != "" {
			fmt.Fprintf(table, "\t\t-> %s\n", f.Mend)
		}
	}
	return table.Flush()
}

// Ill is an error that counts what is Bad; nil if nothing is.
func Ill(found []Finding) error {
	var bad []string
	for _, f := range found {
		if f.Health == Bad {
			bad = append(bad, f.Subject)
		}
	}
	if bad == nil {
		return nil
	}
	return fmt.Errorf("real machines cannot run as things are: %s", strings.Join(bad, ", "))
}
