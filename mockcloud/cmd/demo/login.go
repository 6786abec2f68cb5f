// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Patience with a guest: TCG on a busy machine is slow.
const (
	bootLimit  = 3 * time.Minute
	lookEvery  = 250 * time.Millisecond
	loginLimit = 30 * time.Second
)

// readyMark is what the guest prints to its console when it can be logged into.
const readyMark = "mockcloud-guest: ready"

// login waits until the guest says that it is ready, logs in with the key of the configuration and runs
// a command there.
func (d *demo) login(ctx context.Context) error {
	id, err := d.tf.output(ctx, "id")
	if err != nil {
		return err
	}
	if d.cloud.Driver != "qemu" {
		d.say("Servers are simulated here, so there is nobody to log into. What its console says:")
		text, err := d.cloud.Compute.ConsoleOutput(ctx, id, 5)
		fmt.Fprintln(d.out, text)
		return err
	}
	d.say("The server is ACTIVE: QEMU runs. Waiting for its guest; this is its console:")
	if err := d.awaitGuest(ctx, id); err != nil {
		return err
	}
	key, err := d.tf.output(ctx, "private_key")
	if err != nil {
		return err
	}
	const line = "uname -a; cat /etc/hostname"
	d.say("Logging in over SSH: %s", line)
	said, err := d.ssh(ctx, id, key, line)
	fmt.Fprint(d.out, said)
	if err != nil {
		return fmt.Errorf("ssh: %w", err)
	}
	if !strings.Contains(said, "Linux") || !strings.Contains(said, "first-server") {
		return errors.New("the guest answered something else than a Linux of that name")
	}
	return d.tell(key)
}

// awaitGuest copies the guest's console until it says that it is ready.
func (d *demo) awaitGuest(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, bootLimit)
	defer cancel()
	shown := 0
	for {
		text, err := d.cloud.Compute.ConsoleOutput(ctx, id, -1)
		if err != nil {
			return err
		}
		if end := strings.LastIndexByte(text, '\n') + 1; end > shown {
			for line := range strings.Lines(text[shown:end]) {
				fmt.Fprint(d.out, "  | "+strings.TrimRight(line, "\r\n")+"\n")
			}
			shown = end
		}
		if strings.Contains(text, readyMark) {
			return nil
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return fmt.Errorf("the guest did not get ready: %w", ctx.Err())
		}
	}
}

// ssh runs a command in the guest and returns what it printed.
func (d *demo) ssh(ctx context.Context, id, key, line string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, loginLimit)
	defer cancel()
	signer, err := ssh.ParsePrivateKey([]byte(key))
	if err != nil {
		return "", err
	}
	conn, err := d.cloud.Dial(ctx, id, 22)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	// The way to the guest is inside this process, so there is nobody who could pose as it.
	session, requests, answers, err := ssh.NewClientConn(conn, "first-server", &ssh.ClientConfig{
		User: "root", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), //nolint:gosec // see above
	})
	if err != nil {
		return "", err
	}
	client := ssh.NewClient(session, requests, answers)
	defer client.Close()
	run, err := client.NewSession()
	if err != nil {
		return "", err
	}
	defer run.Close()
	said, err := run.CombinedOutput(line)
	return string(said), err
}

// tell says how to log in by hand.
func (d *demo) tell(key string) error {
	path := filepath.Join(d.dir, "first-server.pem")
	if err := os.WriteFile(path, []byte(key), 0o600); err != nil {
		return err
	}
	if !d.once {
		d.say("Log in yourself, from another terminal:\n\n  go run ./mockcloud/cmd/mockcloud --state-dir %s ssh -i %s first-server",
			filepath.Join(d.dir, "cloud"), path)
	}
	return nil
}
