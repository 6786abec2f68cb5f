// SPDX-License-Identifier: MPL-2.0

// Command build-guest builds the demo guest image, or takes it from the cache, and prints its path.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/guest"
)

func main() {
	out := flag.String("o", "", "copy the image to this `file`")
	cache := flag.String("cache", "", "cache `directory` (default: mockcloud/guest in the user's cache directory)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	path, err := build(ctx, *cache, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "build-guest:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

func build(ctx context.Context, cache, out string) (string, error) {
	image, err := guest.Build(ctx, guest.Options{CacheDir: cache, Log: os.Stderr})
	if err != nil || out == "" {
		return image, err
	}
	return out, copyFile(image, out)
}

// copyFile replaces target by a copy of source, in one step.
func copyFile(source, target string) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.CreateTemp(filepath.Dir(target), filepath.Base(target)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(to.Name())
	defer to.Close()
	if _, err := io.Copy(to, from); err != nil {
		return err
	}
	if err := to.Chmod(0o644); err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	return os.Rename(to.Name(), target)
}
