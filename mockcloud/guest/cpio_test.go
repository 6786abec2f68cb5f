// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"bytes"
	"errors"
	"strconv"
	"testing"
)

// cpioEntry is what a reader of the format finds.
type cpioEntry struct {
	name, data   string
	mode         int
	major, minor int
}

// readCPIO reads a newc archive after its specification, apart from the writer.
func readCPIO(t *testing.T, archive []byte) []cpioEntry {
	t.Helper()
	var entries []cpioEntry
	offset := 0
	align := func() { offset = (offset + 3) &^ 3 }
	for {
		header := archive[offset : offset+110]
		if string(header[:6]) != "070701" {
			t.Fatalf("magic %q at %d", header[:6], offset)
		}
		field := func(i int) int {
			n, err := strconv.ParseInt(string(header[6+i*8:14+i*8]), 16, 64)
			if err != nil {
				t.Fatal(err)
			}
			return int(n)
		}
		offset += 110
		name := string(archive[offset : offset+field(11)-1])
		offset += field(11)
		align()
		data := string(archive[offset : offset+field(6)])
		offset += field(6)
		align()
		if name == "TRAILER!!!" {
			if offset != len(archive) {
				t.Errorf("%d bytes behind the trailer", len(archive)-offset)
			}
			return entries
		}
		if field(2) != 0 || field(3) != 0 {
			t.Errorf("%s does not belong to root", name)
		}
		entries = append(entries, cpioEntry{name, data, field(1), field(9), field(10)})
	}
}

func TestCPIO(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	archive := newCPIO(&buf)
	archive.dir("/dev")
	archive.char("dev/console", 0o600, 5, 1)
	archive.file("a/b/c.ko", 0o644, []byte("12345"))
	archive.file("a/b/d.ko", 0o755, nil)
	if err := archive.close(); err != nil {
		t.Fatal(err)
	}
	want := []cpioEntry{
		{name: "dev", mode: 0o040755},
		{name: "dev/console", mode: 0o020600, major: 5, minor: 1},
		{name: "a", mode: 0o040755},
		{name: "a/b", mode: 0o040755},
		{name: "a/b/c.ko", mode: 0o100644, data: "12345"},
		{name: "a/b/d.ko", mode: 0o100755},
	}
	got := readCPIO(t, buf.Bytes())
	if len(got) != len(want) {
		t.Fatalf("%d entries: %+v", len(got), got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("entry %d: %+v, want %+v", i, got[i], want[i])
		}
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestCPIOReportsTheFirstError(t *testing.T) {
	t.Parallel()
	archive := newCPIO(fullDisk{})
	archive.file("init", 0o755, []byte("x"))
	if err := archive.close(); !errors.Is(err, errFull) {
		t.Errorf("close: %v", err)
	}
}
