// SPDX-License-Identifier: MPL-2.0

package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store/sqlite"
)

// stateVariable names the file that a child process, this test binary once more, works on.
const stateVariable = "MOCKCLOUD_SQLITE_TEST_STATE"

func TestMain(m *testing.M) {
	if path := os.Getenv(stateVariable); path != "" {
		if err := count(path, os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// count adds one to the rows "a" and "b" in one update after another and prints each committed sum.
func count(path, times string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		return err
	}
	rounds, err := strconv.Atoi(times)
	if err != nil {
		return err
	}
	for range rounds {
		var n int
		if err := s.Update(ctx, func(tx store.Tx) error {
			n = number(tx, "a") + 1
			value, entry := strconv.Itoa(n), []store.Entry{{Index: "n", Value: strconv.Itoa(n), Unique: true}}
			if err := tx.Put("t", "a", []byte(value), entry); err != nil {
				return err
			}
			return tx.Put("t", "b", []byte(value), nil)
		}); err != nil {
			return err
		}
		fmt.Println(n)
	}
	return s.Close()
}

func number(tx store.Tx, key string) int {
	value, _ := tx.Get("t", key)
	n, _ := strconv.Atoi(string(value))
	return n
}

func child(t *testing.T, path string, times int) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], strconv.Itoa(times))
	cmd.Env = append(os.Environ(), stateVariable+"="+path)
	cmd.Stderr = os.Stderr
	return cmd
}

// TestKill kills a process in the middle of its updates, several times over: what it said it had
// committed is there, and nothing is half there.
func TestKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state.db")
	acknowledged := 0
	for round := range 5 {
		cmd := child(t, path, 1_000_000)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for range 20 + 13*round {
			if !lines.Scan() {
				t.Fatal("the child ended early")
			}
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		last := lines.Text()
		for lines.Scan() {
			last = lines.Text() // each line is one write to a pipe, so none is torn
		}
		_ = cmd.Wait()
		n, err := strconv.Atoi(last)
		if err != nil || n <= acknowledged {
			t.Fatalf("acknowledged %q after %d: %v", last, acknowledged, err)
		}
		acknowledged = n
		s := open(t, path)
		if err := s.View(t.Context(), func(tx store.Tx) error {
			a, b := number(tx, "a"), number(tx, "b")
			if a != b || a < acknowledged {
				t.Errorf("after the kill a=%d b=%d, acknowledged %d", a, b, acknowledged)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
	}
}

// TestProcesses shares a new file among processes that start at once.
func TestProcesses(t *testing.T) {
	t.Parallel()
	const processes, times = 3, 40
	path := filepath.Join(t.TempDir(), "state.db")
	var running []*exec.Cmd
	for range processes {
		cmd := child(t, path, times)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		running = append(running, cmd)
	}
	for _, cmd := range running {
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := open(t, path).View(ctx, func(tx store.Tx) error {
		if a, b := number(tx, "a"), number(tx, "b"); a != processes*times || b != a {
			t.Errorf("a=%d b=%d, want %d", a, b, processes*times)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
