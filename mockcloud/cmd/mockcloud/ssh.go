// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

func sshCommand(dir *string) *cobra.Command {
	var login, identity string
	c := &cobra.Command{
		Use:   "ssh SERVER [-- COMMAND...]",
		Short: "Log into a real server by its name or id",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			ssh, err := exec.LookPath("ssh")
			if err != nil {
				return fmt.Errorf("there is no ssh here: install it with apt-get install openssh-client: %w", err)
			}
			self, err := os.Executable()
			if err != nil {
				return err
			}
			id, err := serverID(c.Context(), *dir, args[0])
			if err != nil {
				return err
			}
			line := sshLine(self, *dir, id)
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

// sshLine is ssh with the options that lead it to a server.
func sshLine(self, dir, id string) []string {
	literal := func(path string) string { return strings.ReplaceAll(path, "%", "%%") } // ssh has tokens like %h
	return []string{
		"ssh",
		"-o", "ProxyCommand=" + literal(quote(self)+" --state-dir "+quote(dir)) + " connect " + id + " 22",
		"-o", "HostKeyAlias=" + id, // the next server of that name has another key
		// The way to a guest is through this machine alone, so a first key can be believed.
		"-o", "StrictHostKeyChecking=accept-new",
		// A list: its quotes are ssh's own.
		"-o", `UserKnownHostsFile="` + strings.NewReplacer("%", "%%", `\`, `\\`, `"`, `\"`).Replace(filepath.Join(dir, "known_hosts")) + `"`,
	}
}

// serverID is the id of the server, of any project, that has that name or id.
func serverID(ctx context.Context, dir, server string) (string, error) {
	e, err := local.Credentials(dir, "admin")
	if err != nil {
		return "", err
	}
	cloud, err := login(ctx, e)
	if err != nil {
		return "", err
	}
	for _, filter := range []string{"uuid", "name"} {
		exactly := server
		if filter == "name" { // which Nova takes for a regular expression
			exactly = "^" + regexp.QuoteMeta(server) + "$"
		}
		query := url.Values{"all_tenants": {"1"}, filter: {exactly}}
		answer, err := cloud.do(ctx, http.MethodGet, "/compute/v2.1/servers?"+query.Encode(), nil, nil)
		if err != nil {
			return "", err
		}
		var list struct{ Servers []struct{ ID string } }
		err = json.NewDecoder(answer.Body).Decode(&list)
		_ = answer.Body.Close()
		switch {
		case err != nil:
			return "", err
		case len(list.Servers) == 1:
			return list.Servers[0].ID, nil
		case len(list.Servers) > 1:
			return "", fmt.Errorf("several servers are called %s: use an id", server)
		}
	}
	return "", fmt.Errorf("there is no server %s", server)
}
