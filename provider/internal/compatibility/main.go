// SPDX-License-Identifier: MPL-2.0

// Compatibility writes the guide to what needs which microversion, and so which release of Nova, to standard output.
// It reads the descriptions of the provider's own schemas, which each attribute's documentation comes from, too.
package main

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider"
)

// releases are OpenStack's releases and the newest microversion of Nova in each (its REST API version history).
var releases = []struct {
	name   string
	newest int
}{
	{"Kilo", 3}, {"Liberty", 12}, {"Mitaka", 25}, {"Newton", 38}, {"Ocata", 42}, {"Pike", 53}, {"Queens", 60}, {"Rocky", 65},
	{"Stein", 72}, {"Train", 79}, {"Ussuri", 87}, {"Victoria", 87}, {"Wallaby", 88}, {"Xena", 90}, {"Yoga", 90}, {"Zed", 93},
	{"2023.1", 95}, {"2023.2", 95}, {"2024.1", 96}, {"2024.2", 96}, {"2025.1", 100}, {"2025.2", 100}, {"2026.1", 103},
}

// since is the first release that has a microversion.
func since(minor int) string {
	for _, r := range releases {
		if minor <= r.newest {
			return r.name
		}
	}
	return "after " + releases[len(releases)-1].name
}

// need is one sentence about a microversion.
type need struct {
	minor              int
	page, at, sentence string
}

var (
	sentences    = regexp.MustCompile(`(?s).*?[.:;)](?:\s+|$)`)
	microversion = regexp.MustCompile(`\b2\.(\d{1,3})\b`)
)

// needs are the sentences of a description that name microversions, each by the oldest of them.
func needs(page, at, description string) (found []need) {
	for _, sentence := range sentences.FindAllString(description+" ", -1) {
		if !strings.Contains(strings.ToLower(sentence), "microversion") {
			continue
		}
		oldest := 0
		for _, match := range microversion.FindAllStringSubmatch(sentence, -1) {
			if minor, err := strconv.Atoi(match[1]); err == nil && (oldest == 0 || minor < oldest) {
				oldest = minor
			}
		}
		if oldest > 1 {
			found = append(found, need{oldest, page, at, strings.TrimRight(sentence, " ;")})
		}
	}
	return found
}

func ofBlock(page string, b *tfprotov6.SchemaBlock) []need {
	return append(needs(page, "", b.Description), ofAttributes(page, "", b.Attributes)...)
}

func ofAttributes(page, under string, attributes []*tfprotov6.SchemaAttribute) (found []need) {
	for _, a := range attributes {
		found = append(found, needs(page, under+a.Name, a.Description)...)
		if a.NestedType != nil {
			found = append(found, ofAttributes(page, under+a.Name+".", a.NestedType.Attributes)...)
		}
	}
	return found
}

// everything is what all schemas say.
func everything(all *tfprotov6.GetProviderSchemaResponse) (found []need) {
	for folder, schemas := range map[string]map[string]*tfprotov6.Schema{
		"resources": all.ResourceSchemas, "data-sources": all.DataSourceSchemas, "ephemeral-resources": all.EphemeralResourceSchemas,
		"list-resources": all.ListResourceSchemas,
	} {
		for name, schema := range schemas {
			found = append(found, ofBlock(page(folder, name), schema.Block)...)
		}
	}
	for name, action := range all.ActionSchemas {
		found = append(found, ofBlock(page("actions", name), action.Schema.Block)...)
	}
	slices.SortFunc(found, func(a, b need) int {
		return cmp.Or(cmp.Compare(a.minor, b.minor), strings.Compare(a.page, b.page), strings.Compare(a.at, b.at), strings.Compare(a.sentence, b.sentence))
	})
	return found
}

// page is a link to a page of the documentation.
func page(folder, name string) string {
	kind := strings.ReplaceAll(strings.TrimSuffix(folder, "s"), "-", " ")
	return fmt.Sprintf("%s [`%s`](../%s/%s.md)", kind, name, folder, strings.TrimPrefix(name, "nova_"))
}

func write(to io.Writer, found []need) error {
	out := bufio.NewWriter(to)
	fmt.Fprint(out, `---
page_title: "What needs which microversion"
description: |-
  Every attribute that needs more than Nova's oldest API, with the microversion and the release that has it.
---

# What needs which microversion

The provider works with every Nova since Kilo. Each request uses the oldest microversion that has what it asks for, so a
configuration needs no more than the attributes in it do. An attribute that the cloud is too old for is an error of the
plan, which names the attribute, the microversion that it needs and what the cloud offers; a shown attribute that an older
cloud does not tell is null. `+"`max_microversion`"+` of the provider block holds the provider below a microversion, to try a
configuration for an older cloud.

`)
	fmt.Fprint(out, "| Release | Newest microversion |\n| --- | --- |\n")
	for _, r := range releases {
		fmt.Fprintf(out, "| %s | 2.%d |\n", r.name, r.newest)
	}
	fmt.Fprint(out, "\n| Microversion | Since | Where | Attribute | What its description says |\n| --- | --- | --- | --- | --- |\n")
	for _, n := range found {
		at := ""
		if n.at != "" {
			at = "`" + n.at + "`"
		}
		fmt.Fprintf(out, "| 2.%d | %s | %s | %s | %s |\n", n.minor, since(n.minor), n.page, at, strings.ReplaceAll(n.sentence, "|", `\|`))
	}
	return out.Flush()
}

func main() {
	server, err := providerserver.NewProtocol6WithError(provider.New("dev", os.Getenv)())()
	if err != nil {
		log.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		log.Fatal(err)
	}
	if err := write(os.Stdout, everything(schemas)); err != nil {
		log.Fatal(err)
	}
}
