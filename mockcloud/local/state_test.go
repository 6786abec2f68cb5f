// SPDX-License-Identifier: MPL-2.0

package local_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
)

// TestStateOfOthers: a directory that others can write into is no place for a cloud.
func TestStateOfOthers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Open(t.Context(), local.Options{Dir: dir, Driver: "sim"})
	if err == nil {
		_ = cloud.Close()
	}
	if err == nil || !strings.Contains(err.Error(), "can be written by others") {
		t.Errorf("Open: %v", err)
	}
}
