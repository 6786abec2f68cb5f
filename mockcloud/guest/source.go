// SPDX-License-Identifier: MPL-2.0

package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const (
	modulePath = "github.com/terraform-provider-nova/terraform-provider-nova"
	initPath   = "mockcloud/guest/init"
)

// errNoSource says that there is nothing to compile the init from.
var errNoSource = errors.New("the sources of " + modulePath + " are not here: run in a checkout of it or in a Go module that requires it")

// compile builds the init, static and for amd64, at target. Go leaves a target alone that is up to
// date, which makes this cheap when nothing has changed.
func (o Options) compile(ctx context.Context, target string) error {
	source, err := o.source(ctx)
	if err != nil {
		return err
	}
	_, err = command{
		dir: source,
		// The caller's flags (-race, -tags, a workspace) are not meant for the guest.
		env:  []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOFLAGS=", "GOWORK=off"},
		name: "go",
		args: []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", target, "./" + initPath},
	}.run(ctx)
	if err != nil {
		return fmt.Errorf("compile the guest's init: %w", err)
	}
	return nil
}

// source finds the directory of this module.
func (o Options) source(ctx context.Context) (string, error) {
	if o.Source != "" {
		return o.Source, nil
	}
	if _, file, _, ok := runtime.Caller(0); ok && filepath.IsAbs(file) {
		dir := filepath.Join(filepath.Dir(file), "..", "..")
		if _, err := os.Stat(filepath.Join(dir, initPath)); err == nil {
			return dir, nil
		}
	}
	out, err := command{name: "go", args: []string{"list", "-m", "-f", "{{.Dir}}", modulePath}}.run(ctx)
	if err != nil {
		return "", errors.Join(errNoSource, err)
	}
	if dir := strings.TrimSpace(string(out)); dir != "" {
		return dir, nil
	}
	return "", errNoSource
}
