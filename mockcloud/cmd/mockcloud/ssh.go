// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"
)

func sshCommand(dir *string) *cobra.Command {
	var login, identity string
	c := &cobra.Command{
		Use:   "ssh SERVER [-- COMMAND...]",
		Short: "Log into a real server by its name or id",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			ssh, err := exec.LookPath("ssh")
			if err != nil {
				return fmt.Errorf("there is no ssh here: install it with apt-get install openssh-client: %w", err)
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			line := []string{
				"ssh",
				"-o", "ProxyCommand=" + quote(self) + " --state-dir " + quote(*dir) + " connect " + quote(args[0]) + " 22",
				"-o", "HostKeyAlias=" + args[0],
				// The way to a guest is through this machine alone, so a first key can be believed.
				"-o", "StrictHostKeyChecking=accept-new",
				"-o", "UserKnownHostsFile=" + filepath.Join(*dir, "known_hosts"),
			}
			if identity != "" {
				line = append(line, "-i", identity)
			}
			line = append(line, login+"@"+args[0])
			return syscall.Exec(ssh, append(line, args[1:]...), os.Environ())
		},
	}
	c.Flags().StringVarP(&login, "login", "l", "root", "the guest's user")
	c.Flags().StringVarP(&identity, "identity", "i", "", "the private key's file")
	return c
}
