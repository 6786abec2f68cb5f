// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"fmt"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// kind is one of Cinder's exceptions.
type kind struct {
	code         int // HTTP status
	name, format string
}

func (k kind) of(args ...any) error {
	fault := api.NewFault(k.code, k.format, args...).Named(k.name)
	if k.code == http.StatusRequestEntityTooLarge {
		fault = fault.With("Retry-After", "0")
	}
	return fault
}

// because is of with a reason that has arguments of its own.
func (k kind) because(format string, args ...any) error { return k.of(fmt.Sprintf(format, args...)) }

// is reports whether err is of that kind.
func (k kind) is(err error) bool {
	fault := api.AsFault(err)
	return fault != nil && fault.Kind == k.name
}

// The kinds of errors.
var (
	volumeNotFound       = kind{404, "VolumeNotFound", "Volume %s could not be found."}
	snapshotNotFound     = kind{404, "SnapshotNotFound", "Snapshot %s could not be found."}
	attachmentNotFound   = kind{404, "VolumeAttachmentNotFound", "Volume attachment could not be found with filter: attachment_id = %s."}
	transferNotFound     = kind{404, "TransferNotFound", "Transfer %s could not be found."}
	typeNotFound         = kind{404, "VolumeTypeNotFound", "Volume type %s could not be found."}
	typeNotFoundByName   = kind{404, "VolumeTypeNotFound", "Volume type with name %s could not be found."}
	typeAccessNotFound   = kind{404, "VolumeTypeAccessNotFound", "Volume type access not found for %s / %s combination."}
	typeAccessIsPublic   = kind{404, "VolumeTypeAccessNotFound", "Access list not available for public volume types.%s"}
	extraSpecNotFound    = kind{404, "VolumeTypeExtraSpecsNotFound", "Volume Type %s has no extra specs with key %s."}
	encryptionNotFound   = kind{404, "VolumeTypeEncryptionNotFound", "Volume type encryption for type %s does not exist."}
	metadataNotFound     = kind{404, "VolumeMetadataNotFound", "Volume %s has no metadata with key %s."}
	snapshotMetaNotFound = kind{404, "SnapshotMetadataNotFound", "Snapshot %s has no metadata with key %s."}
	imageMetaNotFound    = kind{404, "GlanceMetadataNotFound", "Glance metadata for volume/snapshot %s cannot be found."}
	qosNotFound          = kind{404, "QoSSpecsNotFound", "No such QoS spec %s."}
	qosKeyNotFound       = kind{404, "QoSSpecsKeyNotFound", "QoS spec %s has no spec with key %s."}
	messageNotFound      = kind{404, "MessageNotFound", "Message %s could not be found."}
	imageNotFound        = kind{404, "ImageNotFound", "Image %s could not be found."}
	projectDefaultAbsent = kind{404, "VolumeTypeProjectDefaultNotFound", "Default type for project %s not found."}
	serviceNotFound      = kind{404, "ServiceNotFound", "Service %s could not be found on host %s."}
	notFound             = kind{404, "NotFound", "%s"}

	invalidInput    = kind{400, "InvalidInput", "Invalid input received: %s"}
	invalidVolume   = kind{400, "InvalidVolume", "Invalid volume: %s"}
	invalidSnapshot = kind{400, "InvalidSnapshot", "Invalid snapshot: %s"}
	invalidZone     = kind{400, "InvalidAvailabilityZone", "Availability zone '%s' is invalid."}
	invalidMode     = kind{400, "InvalidVolumeAttachMode", "Invalid attaching mode '%s' for volume %s."}
	invalidAuthKey  = kind{400, "InvalidAuthKey", "Invalid auth key: %s"}
	imageUnfit      = kind{400, "ImageUnacceptable", "Image %s is unacceptable: %s"}
	badRequest      = kind{400, "BadRequest", "%s"}

	typeExists        = kind{409, "VolumeTypeExists", "Volume Type %s already exists."}
	typeAccessExists  = kind{409, "VolumeTypeAccessExists", "Volume type access for %s / %s combination already exists."}
	typeIsDefault     = kind{400, "VolumeTypeDefaultDeletionError", "The volume type %s is a default volume type and cannot be deleted."}
	qosExists         = kind{409, "QoSSpecsExists", "QoS Specs %s already exists."}
	encryptionExists  = kind{400, "VolumeTypeEncryptionExists", "Volume type encryption for type %s already exists."}
	resourceConflict  = kind{409, "ResourceConflict", "Resource conflict: %s"}
	conflict          = kind{409, "Conflict", "%s"}
	mismatchedRequest = kind{400, "BadRequest", "Request body and URI mismatch%s"}

	volumesExceeded   = kind{413, "VolumeLimitExceeded", "Maximum number of volumes allowed (%d) exceeded for quota '%s'."}
	snapshotsExceeded = kind{413, "SnapshotLimitExceeded", "Maximum number of snapshots allowed (%d) exceeded"}
	sizeExceedsLimit  = kind{413, "VolumeSizeExceedsLimit", "Requested volume size %dG is larger than maximum allowed limit %dG."}
	sizeExceedsQuota  = kind{413, "VolumeSizeExceedsAvailableQuota",
		"Requested volume or snapshot exceeds allowed %s quota. Requested %dG, quota is %dG and %dG has been consumed."}
)
