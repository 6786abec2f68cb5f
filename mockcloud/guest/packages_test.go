// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

func TestAptOutput(t *testing.T) {
	t.Parallel()
	depends := "linux-image-cloud-amd64\n  Depends: linux-image-6.1.0-56-cloud-amd64\n  Suggests: other\n"
	if got := parseKernelDependency([]byte(depends)); got != "linux-image-6.1.0-56-cloud-amd64" {
		t.Errorf("kernel %q", got)
	}
	if got := parseKernelDependency([]byte("<linux-image-cloud-amd64>\n")); got != "" {
		t.Errorf("kernel %q of a package that is not there", got)
	}
	files := parseURIs([]byte("'http://host/b.deb' busybox-static_1%3a1.35.0-4_amd64.deb 928188 SHA256:00\nN: a remark\n"))
	d := deb{pkg: "busybox-static", file: files["busybox-static"]}
	if d.file != "busybox-static_1%3a1.35.0-4_amd64.deb" || d.version() != "1:1.35.0-4" {
		t.Errorf("%+v, version %q", d, d.version())
	}
}

func TestMissingPackagesIsOneSentenceWithTheCommand(t *testing.T) {
	t.Parallel()
	var err error = &MissingPackagesError{Packages: []string{"mtools", "syslinux"}}
	text := err.Error()
	if !strings.HasSuffix(text, "run: sudo apt-get install --no-install-recommends -y mtools syslinux") || strings.Contains(text, "\n") {
		t.Errorf("%q", text)
	}
	if !slices.IsSortedFunc(requirements, func(a, b requirement) int { return strings.Compare(a.pkg, b.pkg) }) {
		t.Errorf("the command names them in the order of %v", requirements)
	}
	if err := Check(); err != nil {
		var missing *MissingPackagesError
		if !errors.As(err, &missing) || len(missing.Packages) == 0 {
			t.Errorf("Check = %v", err)
		}
	}
}

func TestLockIsExclusiveAndCanBeGivenUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	turned := clock.NewManual(time.Unix(0, 0))
	unlock, err := lock(t.Context(), turned, path)
	if err != nil {
		t.Fatal(err)
	}
	waiting, giveUp := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := lock(waiting, turned, path)
		result <- err
	}()
	if err := turned.BlockUntil(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	giveUp()
	if err := <-result; !errors.Is(err, context.Canceled) {
		t.Fatalf("given up: %v", err)
	}
	unlock()
	again, err := lock(t.Context(), turned, path)
	if err != nil {
		t.Fatal(err)
	}
	again()
}
