// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"encoding/json"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// Cinder asks Nova for help with volumes that are files which a running machine has open. The files here are
// raw and Cinder copies them by itself, so all that is left to do is what Nova does first and last: to see
// that a server has the volume, and to tell Cinder how far its host is.

// assistedCreate is the body of POST /os-assisted-volume-snapshots.
type assistedCreate struct {
	VolumeID string       `json:"volume_id"   need:"2.1-" len:"1-"`
	Info     assistedInfo `json:"create_info" need:"2.1-"`
}

type assistedInfo struct {
	SnapshotID string          `json:"snapshot_id" need:"2.1-" len:"1-"`
	Type       string          `json:"type"        need:"2.1-" oneof:"qcow2"`
	NewFile    string          `json:"new_file"    need:"2.1-" len:"1-"`
	ID         api.Opt[string] `json:"id" len:"1-"`
}

type assistedView struct {
	ID       api.Opt[string] `json:"id"`
	VolumeID string          `json:"volumeId"`
}

type assistedQuery struct {
	Info string `json:"delete_info"`
}

func (s *Service) assistedRoutes() []api.Route {
	const path = "/os-assisted-volume-snapshots"
	return []api.Route{
		api.Post(path, "snapshot", s.assistSnapshot).Policy(rule("os-assisted-volume-snapshots:create")),
		api.Delete(path+"/{id}", s.assistDeletion).AskedBy(api.QueryOf[assistedQuery]()).Loose("-2.74").
			Policy(rule("os-assisted-volume-snapshots:delete")),
	}
}

// serverOf is the server that has the volume and may be asked to do something with it.
func (s *Service) serverOf(c *api.Call, volumeID, method string) (*compute.Instance, error) {
	all, err := s.Compute.List(c.Context(), compute.Filter{})
	if err != nil {
		return nil, err
	}
	var found *compute.Instance
	for _, i := range all {
		if i.Volume(volumeID) == nil {
			continue
		}
		if found != nil {
			return nil, api.BadRequest("Block Device Mapping %s is a multi-attach volume and is not valid for this operation.", volumeID)
		}
		found = i
	}
	switch {
	case found == nil:
		return nil, api.BadRequest("No volume Block Device Mapping with id %s.", volumeID)
	case found.Host == "":
		return nil, api.BadRequest("Instance %s is not ready", found.ID)
	case found.TaskState != compute.NoTask:
		return nil, api.BadRequest("Instance %s in task_state %s. Cannot %s while the instance is in this state.", found.ID, found.TaskState, method)
	case found.LaunchedAt == nil:
		return nil, api.BadRequest("Instance %s in None %s. Cannot %s while the instance is in this state.", found.ID, found.VMState, method)
	}
	return found, nil
}

// report tells Cinder how far the host is. That it will not hear of it is no failure of the request.
func (s *Service) report(c *api.Call, snapshotID, status, progress string) {
	if err := s.BlockStorage.SnapshotProgress(c.Context(), snapshotID, status, progress); err != nil && s.Log != nil {
		s.Log.Warn("a snapshot's progress is not reported", "snapshot", snapshotID, "status", status, "error", err)
	}
}

func (s *Service) assistSnapshot(c *api.Call, in *assistedCreate) (assistedView, error) {
	if _, err := s.serverOf(c, in.VolumeID, "volume_snapshot_create"); err != nil {
		return assistedView{}, err
	}
	s.report(c, in.Info.SnapshotID, "creating", "90%")
	return assistedView{ID: in.Info.ID, VolumeID: in.VolumeID}, nil
}

func (s *Service) assistDeletion(c *api.Call) error {
	var info struct {
		VolumeID    *string `json:"volume_id"`
		MergeTarget *string `json:"merge_target_file"`
	}
	text := api.Query[assistedQuery](c).Info
	if text == "" {
		return api.BadRequest("'delete_info'")
	}
	if err := json.Unmarshal([]byte(text), &info); err != nil {
		return api.BadRequest("Expecting value: %v", err)
	}
	if info.VolumeID == nil {
		return api.BadRequest("'volume_id'")
	}
	server, err := s.serverOf(c, *info.VolumeID, "volume_snapshot_delete")
	if err != nil {
		return err
	}
	if info.MergeTarget != nil && server.VMState != compute.Active {
		return api.BadRequest("Instance %s in vm_state %s. Cannot volume_snapshot_delete while the instance is in this state.", server.ID, server.VMState)
	}
	s.report(c, c.Var("id"), "deleting", "90%")
	return nil
}
