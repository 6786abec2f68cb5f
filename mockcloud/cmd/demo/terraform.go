// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/local"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
)

// address is the provider's, without a host: what that stands for is up to the command line.
const address = "terraform-provider-nova/nova"

// terraform runs the command line on a copy of the example, with the provider served by this process.
type terraform struct {
	binary, dir string
	env         []string
	out         io.Writer
	stop        context.CancelFunc
	ended       chan error
}

func newTerraform(ctx context.Context, d *demo) (*terraform, error) {
	binary, err := commandLine()
	if err != nil {
		return nil, err
	}
	t := &terraform{binary: binary, dir: filepath.Join(d.dir, "configuration"), out: d.out}
	if err := os.CopyFS(t.dir, os.DirFS(d.example)); err != nil {
		return nil, err
	}
	credentials, err := local.Credentials(filepath.Join(d.dir, "cloud"), "demo")
	if err != nil {
		return nil, err
	}
	reattach, err := t.serve(ctx, credentials.Environment())
	if err != nil {
		return nil, err
	}
	t.env = append(environment(), "TF_REATTACH_PROVIDERS="+reattach, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")
	return t, nil
}

// environment is the process's, without what would point Terraform elsewhere.
func environment() []string {
	var env []string
	for _, line := range os.Environ() {
		if name, _, _ := strings.Cut(line, "="); !strings.HasPrefix(name, "OS_") && name != "TF_CLI_CONFIG_FILE" {
			env = append(env, line)
		}
	}
	return env
}

func commandLine() (string, error) {
	for _, name := range []string{os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform", "tofu"} {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is neither terraform nor tofu here: make demo builds one")
}

// serve runs the provider in this process and tells how Terraform finds it there.
func (t *terraform) serve(ctx context.Context, cloud map[string]string) (string, error) {
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_PROVIDER", "TF_LOG_PROVIDER_NOVA"} {
		if err := os.Setenv(name, "off"); err != nil { // or it would trace everything to our terminal
			return "", err
		}
	}
	getenv := func(name string) string {
		if strings.HasPrefix(name, "OS_") {
			return cloud[name]
		}
		return os.Getenv(name)
	}
	var serving context.Context
	serving, t.stop = context.WithCancel(context.WithoutCancel(ctx))
	ready, gone := make(chan *plugin.ReattachConfig), make(chan struct{})
	t.ended = make(chan error, 1)
	go func() {
		t.ended <- tf6server.Serve(address, providerserver.NewProtocol6(provider.New("demo", getenv)()),
			tf6server.WithDebug(serving, ready, gone), tf6server.WithGoPluginLogger(hclog.NewNullLogger()),
			tf6server.WithoutLogStderrOverride())
	}()
	select {
	case config := <-ready:
		return reattachment(config)
	case err := <-t.ended:
		return "", fmt.Errorf("serve the provider: %w", err)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// reattachment is the value of TF_REATTACH_PROVIDERS.
func reattachment(config *plugin.ReattachConfig) (string, error) {
	raw, err := json.Marshal(map[string]any{address: map[string]any{
		"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": config.Test,
		"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
	}})
	return string(raw), err
}

func (t *terraform) close() error {
	t.stop()
	if err := <-t.ended; !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// run runs apply or destroy and tells what it does, a line each; an interrupt lets it end in order.
func (t *terraform) run(ctx context.Context, verb string) error {
	cmd := t.command(ctx, verb, "-auto-approve", "-json")
	events, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	report(t.out, events)
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(t.binary), verb, err)
	}
	return nil
}

func (t *terraform) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.binary, args...)
	cmd.Dir, cmd.Env = t.dir, t.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a terminal's Ctrl-C is ours to pass on
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd
}

// output is an output value of the configuration, as text.
func (t *terraform) output(ctx context.Context, name string) (string, error) {
	cmd := t.command(ctx, "output", "-raw", name)
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("terraform output %s: %w: %s", name, err, problem.String())
	}
	return out.String(), nil
}
