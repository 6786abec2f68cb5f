// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// format runs terraform fmt with these arguments and this input, and returns what it prints.
func format(t *testing.T, input string, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), commandLine(t), append([]string{"fmt", "-no-color"}, arguments...)...)
	command.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1")
	command.Stdin = strings.NewReader(input)
	out, err := command.Output()
	return string(out), err
}

// TestExamplesAreFormatted by terraform fmt, which also demands that they are HCL.
func TestExamplesAreFormatted(t *testing.T) {
	t.Parallel()
	if out, err := format(t, "", "-check", "-diff", "-recursive", "../examples"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestGuidesAreFormatted: the same for the configurations in guides and in the README, and every page that they lead to is there.
func TestGuidesAreFormatted(t *testing.T) {
	t.Parallel()
	guides, err := filepath.Glob("../templates/guides/*")
	if err != nil || len(guides) == 0 {
		t.Fatal(guides, err)
	}
	blocks := regexp.MustCompile("(?s)```terraform\n(.*?)```")
	links := regexp.MustCompile(`\]\(([\w./-]+\.md)[#)]`)
	for _, guide := range append(guides, "../templates/index.md.tmpl", "../README.md") {
		content, err := os.ReadFile(guide)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks.FindAllStringSubmatch(string(content), -1) {
			if out, err := format(t, block[1], "-"); err != nil || out != block[1] {
				t.Errorf("%s has\n%s\nfor\n%s\n%v", guide, block[1], out, err)
			}
		}
		for _, link := range links.FindAllStringSubmatch(string(content), -1) {
			exists(t, page(guide), link[1])
		}
	}
}

// page is the folder that the links of a text start from: templates are pages of docs.
func page(template string) string {
	parts := strings.Split(filepath.ToSlash(filepath.Dir(template)), "/")
	if i := slices.Index(parts, "templates"); i >= 0 {
		parts[i] = "docs"
	}
	return filepath.Join(parts...)
}
