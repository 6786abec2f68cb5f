// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func openrcCommand(dir *string) *cobra.Command {
	var user string
	c := &cobra.Command{
		Use:   "openrc",
		Short: "Print the cloud's credentials as shell exports: eval \"$(mockcloud openrc)\"",
		Args:  cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			e, err := local.Credentials(*dir, user)
			if err != nil {
				return err
			}
			env := e.Environment()
			for _, name := range slices.Sorted(maps.Keys(env)) {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "export %s=%s\n", name, quote(env[name])); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&user, "user", "demo", "whose credentials: demo or admin")
	return c
}

// quote is a word that every shell takes as it is.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
