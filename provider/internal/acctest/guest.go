// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// Guest is the system that a server runs, as one sees who logs into it over a floating IP. It is the same system for as
// long as it has the same host key.
type Guest struct {
	// Ready is a regular expression for what the console log says when one can log in.
	Ready string
	// PublicKey is to be let in as the user whom the tests log in as.
	PublicKey string

	target  *Target
	user    string
	key     ssh.Signer
	host    ssh.PublicKey // nil until the first login
	address string
}

// How long a guest has until it lets one in, a login or a command until it is done, and a guest that may still boot until
// it answers: TCP asks one that does not ever more rarely, so that it is better to ask anew.
const (
	patience = 90 * time.Second
	enough   = 30 * time.Second
	answer   = 5 * time.Second
)

// Guest is a guest to be made, or skips the test where servers run no system that one can log into: ACCTEST_GUEST_USER and
// ACCTEST_GUEST_READY say as whom, and when.
func (target *Target) Guest(t *testing.T) *Guest {
	t.Helper()
	g := &Guest{target: target, user: target.Getenv("ACCTEST_GUEST_USER"), Ready: target.Getenv("ACCTEST_GUEST_READY")}
	if g.user == "" || g.Ready == "" {
		t.Skip("no real guests: ACCTEST_GUEST_USER and ACCTEST_GUEST_READY name no login (make testacc DRIVER=qemu sets them)")
	}
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err == nil {
		g.key, err = ssh.NewSignerFromKey(private)
	}
	if err != nil {
		t.Fatal(err)
	}
	g.PublicKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(g.key.PublicKey())))
	return g
}

// At says which floating IP leads to the guest.
func (g *Guest) At(address string) { g.address = address }

// Another is the guest that runs in place of this one for a while, or from now on: it has a host key of its own.
func (g *Guest) Another() *Guest {
	another := *g
	another.host = nil
	return &another
}

// Run runs a shell command once the guest lets one in, and tells what it prints, less white space around it.
func (g *Guest) Run(ctx context.Context, command string) (string, error) {
	login, err := g.await(ctx)
	if err != nil {
		return "", fmt.Errorf("log into the guest at %s: %w", g.address, err)
	}
	defer login.Close()
	return run(ctx, login, command)
}

// await logs in, as soon as the guest lets one in.
func (g *Guest) await(ctx context.Context) (*ssh.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		login, err := g.logIn(ctx)
		if err == nil || (wait.Wall{}).Sleep(ctx, time.Second) != nil {
			return login, err
		}
	}
}

func run(ctx context.Context, login *ssh.Client, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = login.Close() })()
	session, err := login.NewSession()
	if err != nil {
		return "", err
	}
	defer session.Close()
	var said, complaints bytes.Buffer
	session.Stdout, session.Stderr = &said, &complaints
	if err := session.Run(command); err != nil {
		return "", fmt.Errorf("%s: %w: %s", command, err, complaints.String())
	}
	return strings.TrimSpace(said.String()), nil
}

func (g *Guest) logIn(ctx context.Context) (*ssh.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	door, err := g.door(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := (&net.Dialer{Timeout: answer}).DialContext(ctx, "tcp", door)
	if err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	session, channels, requests, err := ssh.NewClientConn(conn, g.address, &ssh.ClientConfig{
		User: g.user, Auth: []ssh.AuthMethod{ssh.PublicKeys(g.key)}, HostKeyCallback: g.recognise,
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return ssh.NewClient(session, channels, requests), nil
}

// recognise trusts a guest at first sight, and nobody else in its place afterwards.
func (g *Guest) recognise(_ string, _ net.Addr, key ssh.PublicKey) error {
	if g.host == nil {
		g.host = key
	}
	if !bytes.Equal(g.host.Marshal(), key.Marshal()) {
		return errors.New("the guest has become another one: its host key has changed")
	}
	return nil
}

// door is what to dial for the guest's port 22. A floating IP of mockcloud is the host's own, which may have to listen on
// another port for it; it tells which.
func (g *Guest) door(ctx context.Context) (string, error) {
	const port = 22
	usual := net.JoinHostPort(g.address, fmt.Sprint(port))
	service, err := g.target.Client.At(ctx, 1)
	if err != nil {
		return "", err
	}
	at, err := url.Parse(service.Endpoint)
	if err != nil {
		return "", err
	}
	var doors struct {
		Floating []struct {
			Address string `json:"floating_ip_address"`
			Port    int    `json:"port"`
			Dial    string `json:"dial"`
		} `json:"floating"`
	}
	at.Path = "/mock/v1/floating"
	response, err := service.ProviderClient.Request(ctx, http.MethodGet, at.String(), &gophercloud.RequestOpts{
		JSONResponse: &doors, OkCodes: []int{http.StatusOK},
	})
	if diagnose.NotFound(err) {
		return usual, nil
	}
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	for _, door := range doors.Floating {
		if door.Address == g.address && door.Port == port {
			return door.Dial, nil
		}
	}
	return "", fmt.Errorf("port %d of %s is not open", port, g.address)
}
