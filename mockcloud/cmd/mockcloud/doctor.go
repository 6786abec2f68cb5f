// SPDX-License-Identifier: MPL-2.0

package main

import (
	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func doctorCommand(dir *string) *cobra.Command {
	var fix bool
	p := local.Patient{}
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Tell what this machine offers for real servers, and what is missing",
		Long: "Tell what this machine offers for real servers: QEMU, KVM, memory, disk, the guest image, and what a cloud that\n" +
			"died has left in the state directory. Each line is ok, a note (it runs, with less) or bad, with the command that\n" +
			"helps. --fix does what needs no root: it builds the guest image, ends QEMUs and removes sockets that belong to\n" +
			"no machine. The exit code is 1 if real machines cannot run.",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			p.Dir = *dir
			found := p.Examine(c.Context())
			if fix {
				found = p.Mend(c.Context(), c.ErrOrStderr())
			}
			if err := local.WriteFindings(c.OutOrStdout(), found); err != nil {
				return err
			}
			return local.Ill(found)
		},
	}
	c.Flags().BoolVar(&fix, "fix", false, "mend what can be mended")
	c.Flags().StringVar(&p.Listen, "listen", defaultListen, "address that the cloud is to serve on")
	return c
}
