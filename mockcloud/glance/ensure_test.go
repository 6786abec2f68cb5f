// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"io"
	"strings"
	"testing"
)

// An image whose data a crash cut off is completed, one that is whole is left alone.
func TestEnsure(t *testing.T) {
	t.Parallel()
	c, ctx, admin := newCloud(t), t.Context(), Caller{ProjectID: "admin", Admin: true}
	want := Registration{
		ID: "11111111-2222-4333-8444-555555555555", Name: "ours", DiskFormat: "raw", ContainerFormat: "bare", Visibility: Public,
	}
	if _, err := c.Create(ctx, admin, want); err != nil {
		t.Fatal(err)
	}
	for _, data := range []string{"data", "never read"} {
		i, err := c.Ensure(ctx, admin, want, strings.NewReader(data), int64(len(data)))
		if err != nil || i.ID != want.ID || i.Status != Active {
			t.Fatalf("%+v, %v", i, err)
		}
		content, err := c.Open(i)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(content); err != nil || string(got) != "data" {
			t.Errorf("%q, %v", got, err)
		}
		if err := content.Close(); err != nil {
			t.Error(err)
		}
	}
}
