// SPDX-License-Identifier: MPL-2.0

package mbr_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest/internal/mbr"
)

func layout() mbr.Table {
	return mbr.Table{
		{Active: true, Type: mbr.TypeFAT, Start: 2048, Sectors: 61440},
		{Type: mbr.TypeLinux, Start: 63488, Sectors: 32768},
	}
}

func TestTableSurvivesTheRecord(t *testing.T) {
	t.Parallel()
	record := bytes.Repeat([]byte{0x90}, mbr.Size)
	if _, err := mbr.Parse(record); !errors.Is(err, mbr.ErrNoTable) {
		t.Fatalf("Parse of boot code only: %v", err)
	}
	if err := layout().Put(record); err != nil {
		t.Fatal(err)
	}
	got, err := mbr.Parse(record)
	if err != nil || got != layout() {
		t.Fatalf("Parse = %+v, %v", got, err)
	}
	if !bytes.Equal(record[:446], bytes.Repeat([]byte{0x90}, 446)) {
		t.Error("the boot code was touched")
	}
	if err := layout().Put(record[:100]); err == nil {
		t.Error("a short record was accepted")
	}
}

func TestGrow(t *testing.T) {
	t.Parallel()
	full := uint64(63488 + 32768)
	for _, tt := range []struct {
		name   string
		number int
		disk   uint64
		want   uint32
	}{
		{"to the end of the disk", 2, 20971520, 20971520 - 63488},
		{"to 2 TiB at most", 2, 1 << 33, 1<<32 - 1},
		{"a disk of the same size", 2, full, 32768},
		{"a smaller disk", 2, full - 1, 32768},
		{"a partition behind it", 1, 20971520, 61440},
		{"an empty entry", 3, 20971520, 0},
	} {
		table := layout()
		before := table[tt.number-1].Sectors
		grown := table.Grow(tt.number, tt.disk)
		if got := table[tt.number-1].Sectors; got != tt.want {
			t.Errorf("%s: %d sectors, want %d", tt.name, got, tt.want)
		}
		if grown != (before != tt.want) {
			t.Errorf("%s: Grow = %v", tt.name, grown)
		}
	}
	table := layout()
	if table.Grow(0, full*2) || table.Grow(5, full*2) {
		t.Error("a partition that does not exist grew")
	}
}
