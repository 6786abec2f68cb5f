// SPDX-License-Identifier: MPL-2.0

package nova

import "github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"

var _ wait.Progressing = (*Server)(nil)

// Progress is what the log of a long wait says of the server.
func (s *Server) Progress() map[string]any {
	return map[string]any{"name": s.Name, "status": s.Status, "task_state": s.TaskState}
}
