// SPDX-License-Identifier: MPL-2.0

// Package consolelog is the data source nova_console_log.
package consolelog

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/diagnose"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/fields"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/source"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/value"
)

// NewDataSource returns the data source nova_console_log.
func NewDataSource() datasource.DataSource { return source.Read(reading) }

var shown = fields.Table{
	"output": {
		Sensitive: true, Description: "The text. It is sensitive, as guests print passwords and keys there.",
	},
	"matches": {
		Of: fields.List, Sensitive: true,
		Description: "The lines that `pattern` fits, or what its first group holds of each if it has one; null without `pattern`. Sensitive as well.",
	},
	"matched": {Of: fields.Flag, Description: "Whether `pattern` fits any line; null without `pattern`."},
}

var reading = source.Reading{
	Type: "console_log", Label: "Console Log", Of: "Server",
	About: "What a server printed on its serial console. It is read once, as it is; the resource `nova_server` can wait for a line. " +
		"The state holds the text: ask for few `lines` where it may hold secrets.",
	Filters: map[string]source.Filter{
		"server_id": {Required: true, Description: "The id of the server."},
		"lines":     {Of: fields.Number, Description: "How many lines to read, from the end. Default: all that the cloud keeps."},
		"pattern":   {Pattern: true, Description: "A regular expression that is looked for in each line."},
	},
	Shown: shown,
	Read:  read,
}

func read(ctx context.Context, c *client.Client, q source.Query) (fields.Row, error) {
	service, err := c.At(ctx, 1)
	if err != nil {
		return nil, err
	}
	asked := map[string]any{}
	if q.Has("lines") {
		asked["length"] = q.Number("lines")
	}
	var answer struct {
		Output string `json:"output"`
	}
	// It is a POST, but only reads: it may be repeated, and a conflict is one, whatever came before.
	var conflict error
	err = client.Repeat(ctx, c, func(ctx context.Context) error {
		_, err := service.Post(ctx, service.ServiceURL("servers", url.PathEscape(q.Text("server_id")), "action"),
			map[string]any{"os-getConsoleOutput": asked}, &answer, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		if diagnose.Conflict(err) {
			conflict, err = err, nil
		}
		return err
	})
	if err == nil {
		err = conflict
	}
	if err != nil {
		return nil, err
	}
	row := fields.Row{"output": types.StringValue(answer.Output), "matches": shown["matches"].Null(), "matched": shown["matched"].Null()}
	if q.Has("pattern") {
		found, err := matching(answer.Output, q.Text("pattern"))
		if err != nil {
			return nil, err
		}
		row["matches"], row["matched"] = value.ListOf(found), types.BoolValue(len(found) > 0)
	}
	return row, nil
}

// matching are the lines that the pattern fits, or what its first group holds of them.
func matching(output, text string) ([]string, error) {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	found := []string{}
	for line := range strings.Lines(output) {
		line = strings.TrimRight(line, "\r\n")
		groups := pattern.FindStringSubmatch(line)
		switch {
		case len(groups) > 1:
			found = append(found, groups[1])
		case groups != nil:
			found = append(found, line)
		}
	}
	return found, nil
}
