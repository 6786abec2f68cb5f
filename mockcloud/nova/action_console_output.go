// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"net/http"
	"strings"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// consoleOutput is the body of the action os-getConsoleOutput. No length is the whole log; so is -1.
type consoleOutput struct {
	Length api.Opt[api.Integer] `json:"length" null:"ok" range:"-1-"`
}

type consoleText struct {
	Output string `json:"output"`
}

func (s *Service) consoleOutputAction() []api.Route {
	return []api.Route{api.Action(actionPath, "os-getConsoleOutput", s.getConsoleOutput).Code(http.StatusOK)}
}

func (s *Service) getConsoleOutput(c *api.Call, in *consoleOutput) (consoleText, error) {
	inst, err := s.server(c, c.Var("id"), "os-console-output")
	if err != nil {
		return consoleText{}, err
	}
	lines := -1
	if in.Length.Set && !in.Length.Null {
		lines = int(in.Length.Value)
	}
	output, err := s.Compute.ConsoleOutput(c.Context(), inst.ID, lines)
	return consoleText{strings.Map(printed, output)}, refused(err)
}

// printed drops the control characters that Nova drops: all but tab and line feed.
func printed(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' {
		return -1
	}
	return r
}
