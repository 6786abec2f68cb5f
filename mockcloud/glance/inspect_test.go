// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2/pagination"
)

type pageOf = pagination.Page

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func imageNames(t testing.TB, text string) string {
	t.Helper()
	var answer struct{ Images []struct{ Name string } }
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, i := range answer.Images {
		names = append(names, i.Name)
	}
	return "[" + strings.Join(names, " ") + "]"
}

func sorted(list string) string {
	return strings.Join(slices.Sorted(strings.FieldsSeq(strings.Trim(list, "[]"))), " ")
}

// qcow2 is the header of an image of 1 GiB, edited.
func qcow2(version uint32, edit func(h []byte)) string {
	h := make([]byte, 112)
	copy(h, "QFI\xfb")
	binary.BigEndian.PutUint32(h[4:], version)
	binary.BigEndian.PutUint32(h[20:], 16)
	binary.BigEndian.PutUint64(h[24:], 1<<30)
	binary.BigEndian.PutUint32(h[100:], 104)
	if edit != nil {
		edit(h)
	}
	return string(h)
}

func backing(h []byte) { binary.BigEndian.PutUint64(h[8:], 512) }

func vmdk(descriptor string) string {
	h := make([]byte, 512)
	copy(h, "KDMV")
	binary.LittleEndian.PutUint64(h[12:], 2048)
	binary.LittleEndian.PutUint64(h[28:], 1)
	binary.LittleEndian.PutUint64(h[36:], 1)
	return string(h) + descriptor + strings.Repeat("\x00", 512-len(descriptor))
}

func TestInspect(t *testing.T) {
	t.Parallel()
	const sparse = "version=1\ncreateType=\"monolithicSparse\"\nRW 2048 SPARSE \"x.vmdk\"\n"
	set32 := func(at int, v uint32) func([]byte) {
		return func(h []byte) { binary.BigEndian.PutUint32(h[at:], v) }
	}
	vdi := func(kind byte) string {
		h := make([]byte, 0x200)
		copy(h[0x40:], "\x7f\x10\xda\xbe")
		h[0x4c] = kind
		binary.LittleEndian.PutUint64(h[0x170:], 1<<20)
		return string(h)
	}
	vhd := func(kind byte) string {
		h := make([]byte, 512)
		copy(h, "conectix")
		h[63] = kind
		binary.BigEndian.PutUint64(h[48:], 1<<20)
		return strings.Repeat("\x00", 1024) + string(h)
	}
	iso := strings.Repeat("\x00", 32769) + "CD001"
	for _, x := range []struct {
		name, content, format string
		virtual               int64
		refused               string
	}{
		{"nothing", "", "raw", 0, ""},
		{"raw", "hello", "raw", 5, ""},
		{"qcow2 v2", qcow2(2, nil), "qcow2", 1 << 30, ""},
		{"qcow2 v3", qcow2(3, nil), "qcow2", 1 << 30, ""},
		{"qcow2 dirty and compressed", qcow2(3, func(h []byte) { h[79] = 0b11011 }), "qcow2", 1 << 30, ""},
		{"qcow v1", qcow2(1, nil), "", 0, "version 1 is not supported"},
		{"backing file", qcow2(3, backing), "", 0, "backing file"},
		{"backing file of v2", qcow2(2, backing), "", 0, "backing file"},
		{"external data", qcow2(3, func(h []byte) { h[79] = 4 }), "", 0, "external data file"},
		{"data file's name", qcow2(3, set32(104, qcow2DataFileName)), "", 0, "names an external data file"},
		{"unknown feature", qcow2(3, func(h []byte) { h[72] = 1 }), "", 0, "unknown incompatible features"},
		{"cluster size", qcow2(3, set32(20, 40)), "", 0, "clusters"},
		{"header length", qcow2(3, set32(100, 8)), "", 0, "length of 8"},
		{"impossible size", qcow2(3, set32(24, 1<<31)), "", 0, "not possible"},
		{"cut short", "QFI\xfb\x00\x00\x00\x03", "", 0, "cut short"},
		{"cut short in v3", qcow2(3, nil)[:80], "", 0, "cut short"},
		{"vmdk", vmdk(sparse), "vmdk", 1 << 20, ""},
		{"vmdk with a file beside it", vmdk(strings.ReplaceAll(sparse, "RW 2048 SPARSE", "RW 2048 FLAT")), "", 0, "extent of type FLAT"},
		{"vmdk with a parent", vmdk(sparse + "parentFileNameHint=\"/etc/passwd\"\n"), "", 0, "has a parent"},
		{"vmdk of another type", vmdk(strings.ReplaceAll(sparse, "monolithicSparse", "vmfs")), "", 0, "reach beyond themselves"},
		{"vmdk of two files", vmdk(sparse + "RW 2048 SPARSE \"y.vmdk\"\n"), "", 0, "2 extents"},
		{"descriptor alone", "# Disk DescriptorFile\nversion=1\nRW 1 FLAT \"/etc/passwd\" 0\n", "", 0, "in other files"},
		{"disguised descriptor", "\n# hello\nversion=1\n", "", 0, "in other files"},
		{"vdi", vdi(1), "vdi", 1 << 20, ""},
		{"vdi with a parent", vdi(4), "", 0, "differencing"},
		{"vhd", vhd(2), "vhd", 1 << 20, ""},
		{"vhd with a parent", vhd(4), "", 0, "differencing"},
		{"iso", iso, "iso", int64(len(iso)), ""},
		{"of two minds", qcow2(3, nil) + iso[112:], "", 0, "several formats at once: qcow2, iso"},
		{"qed", "QED\x00", "", 0, "qed is not safe"},
		{"vhdx without a table", "vhdxfile", "", 0, "cut short"},
	} {
		l, err := inspect(strings.NewReader(x.content), int64(len(x.content)))
		if x.refused != "" {
			if err == nil || !strings.Contains(err.Error(), x.refused) {
				t.Errorf("%s: %+v, %v; want %q", x.name, l, err, x.refused)
			}
			continue
		}
		if err != nil || l.format != x.format || l.virtual != x.virtual {
			t.Errorf("%s: %+v, %v; want %s of %d bytes", x.name, l, err, x.format, x.virtual)
		}
	}
}

// TestInspectQEMU holds inspect against images that qemu-img makes.
func TestInspectQEMU(t *testing.T) {
	t.Parallel()
	qemu, err := exec.LookPath("qemu-img")
	if err != nil {
		t.Skip("no qemu-img")
	}
	dir := t.TempDir()
	for _, x := range []struct{ name, format, options, want, refused string }{
		{"raw", "raw", "", "raw", ""},
		{"qcow2", "qcow2", "compat=1.1", "qcow2", ""},
		{"old qcow2", "qcow2", "compat=0.10", "qcow2", ""},
		{"extended qcow2", "qcow2", "extended_l2=on", "qcow2", ""},
		{"overlay", "qcow2", "backing_file=" + filepath.Join(dir, "raw") + ",backing_fmt=raw", "", "backing file"},
		{"outside", "qcow2", "data_file=" + filepath.Join(dir, "data"), "", "external data file"},
		{"vmdk", "vmdk", "", "vmdk", ""},
		{"streamed vmdk", "vmdk", "subformat=streamOptimized", "vmdk", ""},
		{"flat vmdk", "vmdk", "subformat=monolithicFlat", "", "in other files"},
		{"vdi", "vdi", "", "vdi", ""},
		{"vhdx", "vhdx", "", "vhdx", ""},
		{"vhd", "vpc", "force_size=on", "vhd", ""},
		{"fixed vhd", "vpc", "subformat=fixed,force_size=on", "vhd", ""},
		{"qed", "qed", "", "", "qed is not safe"},
	} {
		path := filepath.Join(dir, x.name)
		args := []string{"create", "-q", "-f", x.format}
		if x.options != "" {
			args = append(args, "-o", x.options)
		}
		if out, err := exec.CommandContext(t.Context(), qemu, append(args, path, "8M")...).CombinedOutput(); err != nil {
			t.Logf("%s: this qemu-img cannot make it: %s", x.name, out)
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		size, err := f.Seek(0, io.SeekEnd)
		if err != nil {
			t.Fatal(err)
		}
		l, err := inspect(f, size)
		_ = f.Close()
		if x.refused != "" {
			if err == nil || !strings.Contains(err.Error(), x.refused) {
				t.Errorf("%s: %+v, %v; want %q", x.name, l, err, x.refused)
			}
			continue
		}
		if err != nil || l.format != x.want || l.virtual != 8<<20 {
			t.Errorf("%s: %+v, %v; want %s of 8 MiB", x.name, l, err, x.want)
		}
	}
}
