// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// asCommand makes this test the command that it tests.
const asCommand = "MOCKCLOUD_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// mockcloud is a call of the command on a state directory.
func mockcloud(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], append([]string{"--state-dir", dir}, args...)...)
	cmd.Env = append(os.Environ(), asCommand+"=1", "MOCKCLOUD_ADMIN_PASSWORD=for-the-admin", "MOCKCLOUD_DEMO_PASSWORD=for-the-demo")
	return cmd
}

// output is what a call prints that has to succeed.
func output(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := mockcloud(t.Context(), dir, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("mockcloud %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// refused is a call that has to fail with these words.
func refused(t *testing.T, dir, words string, args ...string) {
	t.Helper()
	out, err := mockcloud(t.Context(), dir, args...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), words) || strings.Contains(string(out), "goroutine") {
		t.Errorf("mockcloud %s: %v\n%swant %q", strings.Join(args, " "), err, out, words)
	}
}

// served is a cloud that serves.
type served struct {
	dir    string
	cmd    *exec.Cmd
	exited chan error
	once   sync.Once

	mu  sync.Mutex
	log bytes.Buffer
}

func (s *served) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.Write(b)
}

// said is all that the cloud has printed.
func (s *served) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// serve starts a simulated cloud and waits until it answers.
func serve(t *testing.T, dir string, args ...string) *served {
	t.Helper()
	s := &served{dir: dir, exited: make(chan error, 1)}
	s.cmd = mockcloud(context.Background(), dir, append([]string{"serve", "--driver", "sim", "--listen", "127.0.0.1:0"}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s, s
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.exited <- s.cmd.Wait() }()
	t.Cleanup(func() { s.end(t) })
	for end := time.Now().Add(2 * time.Minute); !strings.Contains(s.said(), "msg=serving"); <-time.After(10 * time.Millisecond) {
		if time.Now().After(end) || len(s.exited) > 0 {
			t.Fatalf("the cloud does not serve:\n%s", s.said())
		}
	}
	return s
}

// end is SIGTERM, which has to end the cloud in order.
func (s *served) end(t *testing.T) {
	t.Helper()
	s.once.Do(func() {
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Errorf("the cloud has ended before: %v\n%s", err, s.said())
			return
		}
		select {
		case err := <-s.exited:
			if err != nil || !strings.Contains(s.said(), "stopped serving") {
				t.Errorf("after SIGTERM: %v\n%s", err, s.said())
			}
		case <-time.After(2 * time.Minute):
			t.Errorf("the cloud goes on after SIGTERM:\n%s", s.said())
			_ = s.cmd.Process.Kill()
		}
	})
}

// environment is what openrc exports.
func (s *served) environment(t *testing.T, user string) []string {
	t.Helper()
	script := output(t, s.dir, "openrc", "--user", user) + "\nenv -0"
	out, err := exec.CommandContext(t.Context(), "sh", "-c", script).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

func value(environment []string, name string) string {
	for _, line := range environment {
		if text, ok := strings.CutPrefix(line, name+"="); ok {
			return text
		}
	}
	return ""
}
