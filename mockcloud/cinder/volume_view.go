// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"strconv"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// volumeSummary is a volume in GET /volumes.
type volumeSummary struct {
	ID    string     `json:"id"`
	Name  *string    `json:"name"`
	Links []api.Link `json:"links"`
}

// volumeDetail is a volume as Cinder shows it.
type volumeDetail struct {
	volumeSummary
	Status             string             `json:"status"`
	Size               int                `json:"size"`
	Zone               string             `json:"availability_zone"`
	CreatedAt          api.Micros         `json:"created_at"`
	UpdatedAt          api.Micros         `json:"updated_at"`
	Description        *string            `json:"description"`
	Type               *string            `json:"volume_type"`
	TypeID             *string            `json:"volume_type_id" nova:"3.63-"`
	SnapshotID         *string            `json:"snapshot_id"`
	SourceID           *string            `json:"source_volid"`
	Metadata           map[string]string  `json:"metadata"`
	UserID             string             `json:"user_id"`
	Bootable           string             `json:"bootable"`
	Encrypted          bool               `json:"encrypted"`
	ReplicationStatus  *string            `json:"replication_status"`
	ConsistencyGroupID *string            `json:"consistencygroup_id"`
	Multiattach        bool               `json:"multiattach"`
	Attachments        []volumeAttachment `json:"attachments"`
	GroupID            *string            `json:"group_id"       nova:"3.13-"`
	SharedTargets      bool               `json:"shared_targets" nova:"3.48-"`
	ServiceUUID        string             `json:"service_uuid"   nova:"3.48-"`
	ConsumesQuota      bool               `json:"consumes_quota" nova:"3.65-"`
	// To administrators only.
	MigrationStatus api.Opt[*string] `json:"migration_status,omitempty"`
	ProviderID      api.Opt[*string] `json:"provider_id,omitempty"  nova:"3.21-"`
	ClusterName     api.Opt[*string] `json:"cluster_name,omitempty" nova:"3.61-"`
	// Extensions, which the answers to changes do not have.
	Host          api.Opt[string]   `json:"os-vol-host-attr:host,omitempty"`
	Migration     api.Opt[*string]  `json:"os-vol-mig-status-attr:migstat,omitempty"`
	NameID        api.Opt[*string]  `json:"os-vol-mig-status-attr:name_id,omitempty"`
	Tenant        api.Opt[string]   `json:"os-vol-tenant-attr:tenant_id,omitempty"`
	ImageMetadata map[string]string `json:"volume_image_metadata,omitempty"`
}

// volumeAttachment is an attachment within its volume.
type volumeAttachment struct {
	ID           string     `json:"id"` // the volume's
	AttachmentID string     `json:"attachment_id"`
	VolumeID     string     `json:"volume_id"`
	ServerID     *string    `json:"server_id"`
	HostName     *string    `json:"host_name"` // to administrators and services
	Device       *string    `json:"device"`
	AttachedAt   api.Micros `json:"attached_at"`
}

// serviceUUID is the id of the only cinder-volume service.
const serviceUUID = "6b9a5b0a-6e3c-4f0b-9a35-2f1d0c6d3b11"

// links are an object's links: they have the project in them if the request's URL has.
func links(c *api.Call, path string) []api.Link { return c.Links(c.Var("mount_project") + path) }

func summaryOf(c *api.Call, v *Volume) volumeSummary {
	return volumeSummary{ID: v.ID, Name: v.Name, Links: links(c, "/volumes/"+v.ID)}
}

// volumeView is the volume as the answer to a change.
func (o *op) volumeView(c *api.Call, v *Volume) (volumeDetail, error) {
	view := volumeDetail{
		volumeSummary: summaryOf(c, v), Status: v.Status, Size: v.Size, Zone: v.Zone, CreatedAt: api.Micros{Time: v.CreatedAt},
		UpdatedAt: api.Micros{Time: v.UpdatedAt}, Description: v.Description, TypeID: null(v.TypeID), SnapshotID: null(v.SnapshotID),
		SourceID: null(v.SourceID), Metadata: v.visibleMetadata(), UserID: v.UserID, Bootable: strconv.FormatBool(v.Bootable),
		Encrypted: v.Encrypted, Multiattach: v.Multiattach, Attachments: []volumeAttachment{}, ServiceUUID: serviceUUID, ConsumesQuota: true,
	}
	t, err := typeTable.Get(o.tx, v.TypeID)
	if err != nil {
		return view, err
	}
	view.Type = &t.Name
	if o.admin() {
		view.MigrationStatus, view.ProviderID, view.ClusterName = api.Some(v.MigrationStatus), api.Some[*string](nil), api.Some[*string](nil)
	}
	attachments, err := attachmentTable.By(o.tx, "volume", v.ID)
	for _, a := range attachments {
		if a.Status == Attached {
			view.Attachments = append(view.Attachments, o.withinVolume(a))
		}
	}
	return view, err
}

func (o *op) withinVolume(a *Attachment) volumeAttachment {
	view := volumeAttachment{
		ID: a.VolumeID, AttachmentID: a.ID, VolumeID: a.VolumeID, ServerID: null(a.InstanceID), Device: null(a.Device),
		AttachedAt: api.Micros{Time: a.AttachedAt},
	}
	if o.admin() || o.identity.Has("service") {
		view.HostName = null(a.Host)
	}
	return view
}

// volumeDetail is the volume as it is shown and listed.
func (o *op) volumeDetail(c *api.Call, v *Volume) (volumeDetail, error) {
	view, err := o.volumeView(c, v)
	if err != nil {
		return view, err
	}
	if o.allowed("volume_extension:volume_host_attribute", v.ProjectID) {
		view.Host = api.Some(pool)
	}
	if o.allowed("volume_extension:volume_mig_status_attribute", v.ProjectID) {
		view.Migration, view.NameID = api.Some(v.MigrationStatus), api.Some[*string](nil)
	}
	view.Tenant = api.Some(v.ProjectID)
	view.ImageMetadata = v.ImageMetadata
	return view, nil
}

// visibleMetadata is the volume's metadata with what administrators' metadata users may see.
func (v *Volume) visibleMetadata() map[string]string {
	if v.ReadOnly == nil {
		return plain(v.Metadata)
	}
	all := map[string]string{"readonly": pythonBool(*v.ReadOnly)}
	for key, value := range v.Metadata {
		if key != "readonly" {
			all[key] = value
		}
	}
	return all
}

func pythonBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// moment is a time as lists compare it.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000") }
