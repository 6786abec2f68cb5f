// SPDX-License-Identifier: MPL-2.0

package main

import (
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func screenshotCommand(dir *string) *cobra.Command {
	return &cobra.Command{
		Use:   "screenshot SERVER >FILE.png",
		Short: "Write what a server's screen shows to standard output, as a PNG file",
		Args:  cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
				return errors.New("a terminal shows no pictures: send the output to a file")
			}
			id, err := serverID(c.Context(), *dir, args[0])
			if err != nil {
				return err
			}
			admin, err := local.Credentials(*dir, "admin")
			if err != nil {
				return err
			}
			cloud, err := login(c.Context(), admin)
			if err != nil {
				return err
			}
			answer, err := cloud.do(c.Context(), http.MethodGet, "/mock/v1/servers/"+id+"/screenshot", nil, nil)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			_, err = io.Copy(os.Stdout, answer.Body)
			return err
		},
	}
}
