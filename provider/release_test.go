// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// What the registry of providers calls its files; its rules are in Terraform's documentation, "Publish providers".
const (
	released  = "{{ .ProjectName }}_{{ .Version }}"
	archived  = released + "_{{ .Os }}_{{ .Arch }}"
	summed    = released + "_SHA256SUMS"
	described = released + "_manifest.json"
	manifest  = ".release/terraform-registry-manifest.json"
)

// goreleaser is what the registry cares about of .goreleaser.yml.
type goreleaser struct {
	Version     int
	ProjectName string `yaml:"project_name"`
	Builds      []goBuild
	Archives    []archive
	Checksum    struct {
		NameTemplate string `yaml:"name_template"`
		Algorithm    string
		ExtraFiles   []extraFile `yaml:"extra_files"`
	}
	Signs   []signature
	Release struct {
		Draft      bool
		ExtraFiles []extraFile `yaml:"extra_files"`
	}
}

type goBuild struct {
	ID, Main, Binary string
	Env, Flags       []string
	LDFlags          []string `yaml:"ldflags"`
	GOOS, GOArch     []string
}

type archive struct {
	ID           string
	IDs, Formats []string
	NameTemplate string `yaml:"name_template"`
	Wrap         bool   `yaml:"wrap_in_directory"`
}

type signature struct {
	Artifacts, Signature, Cmd string
	Args                      []string
}

type extraFile struct {
	Glob         string
	NameTemplate string `yaml:"name_template"`
}

func release(t *testing.T) goreleaser {
	t.Helper()
	content, err := os.ReadFile("../.goreleaser.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config goreleaser
	if err := yaml.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	if config.Version != 2 || config.ProjectName != "terraform-provider-nova" {
		t.Errorf("version %d of a configuration of %q", config.Version, config.ProjectName)
	}
	return config
}

// only is the one element of all that has this id.
func only[T any](t *testing.T, all []T, id func(T) bool) T {
	t.Helper()
	found := slices.DeleteFunc(slices.Clone(all), func(one T) bool { return !id(one) })
	if len(found) != 1 {
		t.Fatalf("%d of %+v are the provider's, not one", len(found), all)
	}
	return found[0]
}

// TestReleaseBuilds: a static binary of the name that Terraform looks for in the archive, on the platforms that people have.
func TestReleaseBuilds(t *testing.T) {
	t.Parallel()
	config := release(t)
	build := only(t, config.Builds, func(b goBuild) bool { return b.ID == "provider" })
	if want := "{{ .ProjectName }}_v{{ .Version }}"; build.Binary != want {
		t.Errorf("the binary is %q, not %q", build.Binary, want)
	}
	if build.Main != "" && build.Main != "." {
		t.Errorf("the provider is built from %q", build.Main)
	}
	for _, b := range config.Builds {
		if !slices.Contains(b.Env, "CGO_ENABLED=0") || !slices.Contains(b.Flags, "-trimpath") {
			t.Errorf("%s is built with %v and %v: it is to be static, and without the paths of the machine that built it", b.ID, b.Env, b.Flags)
		}
	}
	if flags := strings.Join(build.LDFlags, " "); !strings.Contains(flags, "-X main.version={{ .Version }}") || !declares(t, "../main.go", "version") {
		t.Errorf("the version does not get into the binary by %q", flags)
	}
	for _, platform := range []string{"darwin", "linux", "windows"} {
		if !slices.Contains(build.GOOS, platform) {
			t.Errorf("nothing is built for %s", platform)
		}
	}
	for _, processor := range []string{"amd64", "arm64"} {
		if !slices.Contains(build.GOArch, processor) {
			t.Errorf("nothing is built for %s", processor)
		}
	}
}

// declares is whether a file of Go has that variable, as one of its own or in a group.
func declares(t *testing.T, file, variable string) bool {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(strings.Split(string(content), "\n"), func(line string) bool {
		return strings.HasPrefix(strings.TrimPrefix(strings.TrimSpace(line), "var "), variable+" ")
	})
}

// TestReleaseFiles: the names of what is released, and that checksums and their signature cover it.
func TestReleaseFiles(t *testing.T) {
	t.Parallel()
	config := release(t)
	zip := only(t, config.Archives, func(a archive) bool { return slices.Contains(a.IDs, "provider") })
	if zip.NameTemplate != archived || !slices.Equal(zip.Formats, []string{"zip"}) || zip.Wrap {
		t.Errorf("the provider is packed as %+v; the registry wants %s.zip with the binary at its root", zip, archived)
	}
	if config.Checksum.NameTemplate != summed || config.Checksum.Algorithm != "sha256" {
		t.Errorf("checksums are %+v, not SHA-256 in %s", config.Checksum, summed)
	}
	file := extraFile{Glob: manifest, NameTemplate: described}
	if !slices.Contains(config.Checksum.ExtraFiles, file) || !slices.Contains(config.Release.ExtraFiles, file) {
		t.Errorf("the manifest is not among both, what is summed %v and what is released %v", config.Checksum.ExtraFiles, config.Release.ExtraFiles)
	}
	if config.Release.Draft {
		t.Error("the registry does not hear of a draft")
	}
	sign := only(t, config.Signs, func(s signature) bool { return s.Artifacts == "checksum" })
	// By default goreleaser calls gpg, and the signature is ${artifact}.sig. The registry wants it binary.
	if (sign.Cmd != "" && sign.Cmd != "gpg") || (sign.Signature != "" && sign.Signature != "${artifact}.sig") ||
		!slices.Contains(sign.Args, "--detach-sign") || slices.Contains(sign.Args, "--armor") {
		t.Errorf("the checksums are signed by %+v, not in %s.sig", sign, summed)
	}
}

// TestReleaseManifest: the protocol is the one that package providerserver speaks unless it is told otherwise.
func TestReleaseManifest(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../" + manifest)
	if err != nil {
		t.Fatal(err)
	}
	var described struct {
		Version  int
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		}
	}
	if err := json.Unmarshal(content, &described); err != nil {
		t.Fatal(err)
	}
	if described.Version != 1 || !slices.Equal(described.Metadata.ProtocolVersions, []string{"6.0"}) {
		t.Errorf("the manifest is %+v", described)
	}
}
