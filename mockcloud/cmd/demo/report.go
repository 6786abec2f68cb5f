// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is a line that Terraform and OpenTofu write with -json ("Machine-Readable UI").
type event struct {
	Type       string
	Message    string `json:"@message"`
	Diagnostic struct{ Detail string }
	Outputs    map[string]struct {
		Action    string // what a plan will do to it; "" once it is done
		Sensitive bool
		Value     json.RawMessage
	}
}

// report tells of a run's events as long as it goes on: what is planned and done to which resource, what
// goes wrong, and the outputs, but not every attribute of the plan.
func report(out io.Writer, events io.Reader) {
	lines := bufio.NewReader(events)
	for {
		line, err := lines.ReadBytes('\n')
		if text := (&event{}).read(line); text != "" {
			fmt.Fprintln(out, "  "+strings.ReplaceAll(text, "\n", "\n  "))
		}
		if err != nil {
			return
		}
	}
}

// read is what to tell of a line, or "". What is no event is told as it is.
func (e *event) read(line []byte) string {
	if err := json.Unmarshal(line, e); err != nil {
		return strings.TrimSpace(string(line))
	}
	switch e.Type {
	case "version", "log", "refresh_start", "refresh_complete", "resource_drift":
		return ""
	case "diagnostic":
		return strings.TrimSpace(e.Message + "\n" + e.Diagnostic.Detail)
	case "outputs":
		return e.outputs()
	}
	return e.Message
}

// outputs are the outputs' names and values.
func (e *event) outputs() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(e.Outputs)) {
		output := e.Outputs[name]
		switch {
		case output.Action != "":
		case output.Sensitive:
			lines = append(lines, name+" = (sensitive)")
		default:
			lines = append(lines, name+" = "+string(output.Value))
		}
	}
	return strings.Join(lines, "\n")
}
