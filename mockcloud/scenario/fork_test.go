// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// The environment of a cloud in a process of its own.
const (
	childDir     = "MOCKCLOUD_SCENARIO_DIR"
	childAddress = "MOCKCLOUD_SCENARIO_ADDRESS"
)

// fork starts the cloud in a process of its own; stop kills it as a power cut would.
func (s *site) fork() error {
	cmd := exec.CommandContext(context.Background(), os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+s.options.Dir, childAddress+"="+s.address)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	s.stop = func() error {
		_ = cmd.Process.Signal(syscall.SIGKILL)
		_ = cmd.Wait()
		return nil
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return errors.Join(fmt.Errorf("the cloud did not start: %w", err), s.stop())
	}
	s.address, s.connect = strings.TrimSpace(line), s.tunnel
	return nil
}

// serveChild is the process: it tells its address on standard output and serves until it is killed.
func serveChild(dir, address string) int {
	cloud, err := local.Open(context.Background(), local.Options{
		Dir: dir, Driver: "qemu", Accel: "tcg", Hosts: local.Hosts(hosts), GuestImage: os.Getenv("MOCKCLOUD_GUEST_IMAGE"),
		Log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err == nil {
		err = serveOn(cloud, address)
	}
	fmt.Fprintln(os.Stderr, "child:", err)
	return 1
}

func serveOn(cloud *local.Cloud, address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	if err := cloud.Announce(local.URL(listener)); err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return cloud.Serve(context.Background(), listener)
}

// tunnel connects to a port of a guest as mockcloud connect does.
func (s *site) tunnel(ctx context.Context, server string, port uint16) (net.Conn, error) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet,
		fmt.Sprintf("http://%s/mock/v1/connect?server=%s&port=%d", s.address, server, port), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"tcp"}, "X-Auth-Token": {s.token}}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	if err != nil {
		return nil, err
	}
	hurry := context.AfterFunc(ctx, func() { _ = conn.Close() })
	reader := bufio.NewReader(conn)
	var answer *http.Response
	if err = r.Write(conn); err == nil {
		answer, err = http.ReadResponse(reader, r) //nolint:bodyclose // the connection is what has to be closed
	}
	if err == nil && answer.StatusCode != http.StatusSwitchingProtocols {
		err = errors.New(answer.Status)
	}
	if !hurry() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &tunnelled{conn, reader}, nil
}

// tunnelled is a connection whose first bytes were read together with the answer to its request.
type tunnelled struct {
	net.Conn
	reader io.Reader
}

func (t *tunnelled) Read(b []byte) (int, error) { return t.reader.Read(b) }
