// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/gliderlabs/ssh"
	gossh "golang.org/x/crypto/ssh"
)

// sshServer lets the users of /etc/passwd in, by key or by password.
type sshServer struct {
	m      *machine
	signer gossh.Signer
}

// run listens on port 22 of every address until ctx ends.
func (s *sshServer) run(ctx context.Context) error {
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", ":22")
	if err != nil {
		return err
	}
	server := &ssh.Server{
		Version:     "mockcloud-guest",
		HostSigners: []ssh.Signer{s.signer},
		Handler:     s.handle,
		PasswordHandler: func(c ssh.Context, password string) bool {
			return s.m.accounts.verify(c.User(), password)
		},
		PublicKeyHandler: func(c ssh.Context, key ssh.PublicKey) bool {
			who, err := s.m.accounts.find(c.User())
			return err == nil && s.m.accounts.authorized(who, key)
		},
		// ssh -L and ProxyJump: a guest is often the way into its network.
		LocalPortForwardingCallback: func(ssh.Context, string, uint32) bool { return true },
		ChannelHandlers: map[string]ssh.ChannelHandler{
			"session":      ssh.DefaultSessionHandler,
			"direct-tcpip": ssh.DirectTCPIPHandler,
		},
	}
	defer context.AfterFunc(ctx, func() { server.Close() })()
	return server.Serve(listener)
}

// handle runs one session's command, or a login shell, and reports its exit code.
func (s *sshServer) handle(session ssh.Session) {
	who, err := s.m.accounts.find(session.User())
	if err != nil {
		_ = session.Exit(1)
		return
	}
	cmd := s.command(who, session)
	pty, resized, wantsPTY := session.Pty()
	run := s.runPiped
	if wantsPTY {
		cmd.Env = append(cmd.Env, "TERM="+pty.Term)
		run = func(cmd *exec.Cmd, session ssh.Session) (int, error) {
			return s.runOnPTY(cmd, session, pty.Window, resized)
		}
	}
	code, err := run(cmd, session)
	if err != nil {
		_, _ = session.Stderr().Write([]byte(err.Error() + "\n"))
		code = 255
	}
	_ = session.Exit(code)
}

// command is the user's shell: a login shell, or one with the command given.
func (s *sshServer) command(who account, session ssh.Session) *exec.Cmd {
	cmd := exec.Command(who.shell)
	cmd.Args = []string{"-" + filepath.Base(who.shell)}
	if raw := session.RawCommand(); raw != "" {
		cmd.Args = []string{filepath.Base(who.shell), "-c", raw}
	}
	cmd.Dir = who.home
	if info, err := os.Stat(who.home); err != nil || !info.IsDir() {
		cmd.Dir = "/"
	}
	remote, local := endpoint(session.RemoteAddr()), endpoint(session.LocalAddr())
	_, localPort, _ := strings.Cut(local, " ")
	cmd.Env = []string{
		"PATH=" + searchPath, "HOME=" + who.home, "USER=" + who.name, "LOGNAME=" + who.name, "SHELL=" + who.shell,
		"SSH_CLIENT=" + remote + " " + localPort,
		"SSH_CONNECTION=" + remote + " " + local,
	}
	for _, entry := range session.Environ() {
		// As sshd's usual AcceptEnv: more would let a client choose what a program loads.
		if strings.HasPrefix(entry, "LANG=") || strings.HasPrefix(entry, "LC_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if who.uid != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: who.uid, Gid: who.gid}
	}
	return cmd
}

// endpoint is "address port".
func endpoint(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	return host + " " + port
}
