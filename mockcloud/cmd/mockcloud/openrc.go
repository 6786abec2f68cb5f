// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
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
			for _, v := range environment(e) {
				if _, err := fmt.Fprintf(c.OutOrStdout(), "export %s=%s\n", v.name, quote(v.value)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&user, "user", "demo", "whose credentials: demo or admin")
	return c
}

type variable struct{ name, value string }

func environment(e local.Entry) []variable {
	return []variable{
		{"OS_AUTH_URL", e.Auth.AuthURL}, {"OS_IDENTITY_API_VERSION", "3"},
		{"OS_USERNAME", e.Auth.Username}, {"OS_PASSWORD", e.Auth.Password}, {"OS_PROJECT_NAME", e.Auth.ProjectName},
		{"OS_USER_DOMAIN_NAME", e.Auth.UserDomain}, {"OS_PROJECT_DOMAIN_NAME", e.Auth.ProjDomain},
		{"OS_REGION_NAME", e.Region}, {"OS_INTERFACE", e.Interface},
	}
}

// quote is a word that every shell takes as it is.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
