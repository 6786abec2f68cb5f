// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"errors"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// These are the actions by which clients attached volumes before there were attachments (3.27); they work on
// the same records.

type attachBody struct {
	InstanceID string `json:"instance_uuid" format:"uuid"`
	HostName   string `json:"host_name"  len:"0-255"`
	Mountpoint string `json:"mountpoint" need:"3.0-" len:"1-255"`
	Mode       string `json:"mode" oneof:"rw ro"`
}

func (s *Service) attach(c *api.Call, in *attachBody) (api.None, error) {
	if in.InstanceID == "" && in.HostName == "" {
		return api.None{}, badRequest.of("Invalid input for field/attribute os-attach. 'instance_uuid' or 'host_name' is a required property")
	}
	return s.onVolume(c, "volume_extension:volume_actions:attach", func(o *op, v *Volume) error {
		mode := in.Mode
		if mode == "" {
			mode = readWrite
		}
		if v.ReadOnly != nil && *v.ReadOnly && mode != readOnly {
			return invalidMode.of(mode, v.ID)
		}
		all, err := o.attachmentsOf(v.ID)
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.InstanceID == in.InstanceID && (in.InstanceID != "" || a.Host == in.HostName) {
				v.Status = InUse // it is known already
				return o.putVolume(v)
			}
		}
		switch {
		case v.Status == Maintenance:
			return invalidVolume.of("The volume cannot be attached in maintenance mode.")
		case v.Status == InUse && !v.Multiattach:
			return invalidVolume.of("volume is already attached and multiple attachments are not enabled")
		case v.Status != Available && v.Status != Attaching && v.Status != InUse:
			return invalidVolume.because("volume %s is %s", v.ID, v.Status)
		}
		no := false
		if v.ReadOnly == nil {
			v.ReadOnly = &no
		}
		v.Status = InUse
		v.Connected++
		return errors.Join(attachmentTable.Insert(o.tx, &Attachment{
			ID: uuid.NewString(), VolumeID: v.ID, ProjectID: v.ProjectID, InstanceID: in.InstanceID, Host: in.HostName,
			Device: in.Mountpoint, Mode: mode, Status: Attached, AttachedAt: o.now, CreatedAt: o.now, UpdatedAt: o.now,
		}), o.putVolume(v))
	})
}

type detachBody struct {
	AttachmentID api.Opt[string] `json:"attachment_id" null:"ok" format:"uuid"`
}

type forceDetachBody struct {
	AttachmentID api.Opt[string] `json:"attachment_id" null:"ok"`
	Connector    any             `json:"connector"`
}

func (s *Service) detach(c *api.Call, in *api.Opt[detachBody]) (api.None, error) {
	return s.takeOff(c, "volume_extension:volume_actions:detach", in.Value.AttachmentID.Value)
}

func (s *Service) forceDetach(c *api.Call, in *forceDetachBody) (api.None, error) {
	return s.takeOff(c, "volume_extension:volume_admin_actions:force_detach", in.AttachmentID.Value)
}

// takeOff ends an attachment; "" is the only one.
func (s *Service) takeOff(c *api.Call, rule, id string) (api.None, error) {
	at, err := reading(s, c, func(o *op) (*Attachment, error) {
		_, a, err := o.attachmentOf(rule, c.Var("id"), id)
		return a, err
	})
	if err == nil {
		err = s.deletionAllowed(c.Context(), c.Identity, at)
	}
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, s.change(c.Context(), c.Identity, func(o *op) error {
		v, a, err := o.attachmentOf(rule, c.Var("id"), id)
		if err != nil {
			return err
		}
		return o.detach(v, a)
	})
}

// attachmentOf finds one of a volume's attachments; nil where there is none.
func (o *op) attachmentOf(rule, volume, id string) (*Volume, *Attachment, error) {
	v, err := o.ownVolume(rule, volume)
	if err != nil {
		return nil, nil, err
	}
	if v.Status == Maintenance {
		return nil, nil, invalidVolume.of("The volume cannot be detached in maintenance mode.")
	}
	all, err := o.attachmentsOf(v.ID)
	if err != nil {
		return nil, nil, err
	}
	if id == "" && len(all) > 1 {
		return nil, nil, invalidVolume.of("Detach volume failed: More than one attachment, but no attachment_id provided.")
	}
	for _, a := range all {
		if id == "" || a.ID == id {
			return v, a, nil
		}
	}
	return v, nil, nil
}

func (s *Service) reserve(c *api.Call, _ *api.None) (api.None, error) {
	return s.onVolume(c, "volume_extension:volume_actions:reserve", func(o *op, v *Volume) error {
		allowed := []string{Available}
		if v.Multiattach {
			allowed = []string{Available, InUse}
		}
		if v.Status != Available && !(v.Multiattach && v.Status == InUse) {
			return invalidVolume.because("Volume status must be %s to reserve, but the status is %s.", oneOf(allowed), v.Status)
		}
		v.Status = Attaching
		return o.putVolume(v)
	})
}

func (s *Service) unreserve(c *api.Call, _ *api.None) (api.None, error) {
	return s.onVolume(c, "volume_extension:volume_actions:unreserve", (*op).unreserve)
}

// unreserve takes a reservation back, if there is one.
func (o *op) unreserve(v *Volume) error {
	if v.Status != Attaching {
		return nil
	}
	all, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	v.Status = Available
	if len(all) > 0 {
		v.Status = InUse
	}
	return o.putVolume(v)
}

func (s *Service) beginDetaching(c *api.Call, _ *api.None) (api.None, error) {
	return s.onVolume(c, "volume_extension:volume_actions:begin_detaching", (*op).beginDetaching)
}

func (o *op) beginDetaching(v *Volume) error {
	all, err := o.attachmentsOf(v.ID)
	if err != nil {
		return err
	}
	if v.Status != InUse || !attached(all) {
		return invalidVolume.of("Unable to detach volume. Volume status must be 'in-use' and attach_status must be 'attached' to detach.")
	}
	v.Status = Detaching
	return o.putVolume(v)
}

func (s *Service) rollDetaching(c *api.Call, _ *api.None) (api.None, error) {
	return s.onVolume(c, "volume_extension:volume_actions:roll_detaching", (*op).rollDetaching)
}

func (o *op) rollDetaching(v *Volume) error {
	if v.Status != Detaching {
		return nil
	}
	v.Status = InUse
	return o.putVolume(v)
}

type connectorBody struct {
	Connector any `json:"connector" need:"3.0-"`
}

type connectionBody struct {
	Connection map[string]any `json:"connection_info"`
}

func (s *Service) initializeConnection(c *api.Call, in *connectorBody) (connectionBody, error) {
	return reading(s, c, func(o *op) (connectionBody, error) {
		v, err := o.ownVolume("volume_extension:volume_actions:initialize_connection", c.Var("id"))
		if err != nil {
			return connectionBody{}, err
		}
		connector, ok := in.Connector.(map[string]any)
		switch {
		case !ok || len(connector) == 0:
			return connectionBody{}, invalidInput.of("Connector doesn't have required information: host")
		case v.Status == Maintenance:
			return connectionBody{}, invalidVolume.of("The volume connection cannot be initialized in maintenance mode.")
		}
		data, err := o.connection(v, &Attachment{Mode: readWrite})
		if err != nil {
			return connectionBody{}, err
		}
		delete(data, "driver_volume_type")
		multipath, _ := connector["enforce_multipath"].(bool)
		return connectionBody{map[string]any{"driver_volume_type": "local", "data": data, "enforce_multipath": multipath}}, nil
	})
}

func (s *Service) terminateConnection(c *api.Call, _ *connectorBody) (api.None, error) {
	at, err := reading(s, c, func(o *op) (*Attachment, error) {
		v, err := o.ownVolume("volume_extension:volume_actions:terminate_connection", c.Var("id"))
		if err != nil {
			return nil, err
		}
		all, err := o.attachmentsOf(v.ID)
		if err != nil || len(all) != 1 {
			return nil, err
		}
		return all[0], nil
	})
	if err == nil {
		err = s.deletionAllowed(c.Context(), c.Identity, at)
	}
	if err != nil {
		return api.None{}, err
	}
	return s.onVolume(c, "volume_extension:volume_actions:terminate_connection", (*op).unreserve)
}
