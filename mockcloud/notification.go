// SPDX-License-Identifier: MPL-2.0

package mockcloud

import (
	"fmt"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// notificationView is a notification in the shape in which Nova sends them (versioned notifications).
type notificationView struct {
	Event     string     `json:"event_type"`
	Payload   novaObject `json:"payload"`
	Priority  string     `json:"priority"`
	Publisher string     `json:"publisher_id"`
	Timestamp string     `json:"timestamp"`
}

// novaObject is how Nova wraps what it sends.
type novaObject struct {
	Data      map[string]any `json:"nova_object.data"`
	Name      string         `json:"nova_object.name"`
	Namespace string         `json:"nova_object.namespace"`
	Version   string         `json:"nova_object.version"`
}

func wrapped(name, version string, data map[string]any) novaObject {
	return novaObject{Data: data, Name: name, Namespace: "nova", Version: version}
}

const novaTime = "2006-01-02T15:04:05Z"

func viewNotification(n compute.Notification) notificationView {
	view := notificationView{
		Event: n.Event, Priority: "INFO", Timestamp: n.Time.UTC().Format("2006-01-02 15:04:05.000000"),
		Publisher: "nova-api:mockcloud",
	}
	if n.Instance.Host != "" {
		view.Publisher = "nova-compute:" + n.Instance.Host
	}
	data := instancePayload(n)
	data["fault"] = nil
	if n.Err != nil {
		view.Priority = "ERROR"
		data["fault"] = wrapped("ExceptionPayload", "1.1", map[string]any{
			"exception": fmt.Sprintf("%T", n.Err), "exception_message": n.Err.Error(),
			"function_name": n.Event, "module_name": "mockcloud/compute", "traceback": nil,
		})
	}
	view.Payload = wrapped("InstanceActionPayload", "1.9", data)
	return view
}

// instancePayload is the server as Nova's InstancePayload has it.
func instancePayload(n compute.Notification) map[string]any {
	i := n.Instance
	data := map[string]any{
		"uuid": i.ID, "display_name": i.Name, "display_description": valueOf(i.Description), "host_name": i.Hostname,
		"tenant_id": i.ProjectID, "user_id": i.UserID, "reservation_id": i.ReservationID,
		"availability_zone": orNil(i.Zone), "host": orNil(i.Host), "node": orNil(i.Node),
		"architecture": orNil(i.ImageProperties["hw_architecture"]), "os_type": orNil(i.ImageProperties["os_type"]),
		"kernel_id": i.ImageProperties["kernel_id"], "ramdisk_id": i.ImageProperties["ramdisk_id"],
		"image_uuid": i.ImageID, "key_name": nil, "auto_disk_config": string(i.DiskConfig), "metadata": i.Metadata,
		"state": string(i.VMState), "task_state": orNil(string(i.TaskState)), "power_state": powerWord(i.PowerState),
		"progress": i.Progress, "locked": i.Locked, "locked_reason": i.LockedReason, "shares": []any{},
		"created_at": moment(&i.CreatedAt), "updated_at": moment(&i.UpdatedAt), "launched_at": moment(i.LaunchedAt),
		"terminated_at": moment(i.TerminatedAt), "deleted_at": moment(i.DeletedAt),
		"request_id": orNil(n.Caller.RequestID), "action_initiator_user": orNil(n.Caller.UserID),
		"action_initiator_project": orNil(n.Caller.ProjectID), "flavor": flavorPayload(i.Flavor),
		"ip_addresses": addressPayloads(i.VIFs), "block_devices": blockDevicePayloads(i.BlockDevices),
	}
	if i.KeyPair != nil {
		data["key_name"] = i.KeyPair.Name
	}
	if i.Metadata == nil {
		data["metadata"] = map[string]string{}
	}
	return data
}

func flavorPayload(f compute.Flavor) novaObject {
	return wrapped("FlavorPayload", "1.4", map[string]any{
		"flavorid": f.ID, "name": f.Name, "description": f.Description, "vcpus": f.VCPUs, "memory_mb": f.MemoryMiB,
		"root_gb": f.RootGiB, "ephemeral_gb": f.EphemeralGiB, "swap": f.SwapMiB, "rxtx_factor": f.RXTXFactor,
		"is_public": f.Public, "disabled": f.Disabled, "extra_specs": f.ExtraSpecs, "projects": nil, "vcpu_weight": 0,
	})
}

func addressPayloads(vifs []compute.VIF) []novaObject {
	const tapName = 14 // characters of a tap device's name
	list := []novaObject{}
	for _, vif := range vifs {
		for _, a := range vif.Addresses {
			if a.Type != compute.FixedAddress {
				continue
			}
			version := 6
			if a.IP.Is4() {
				version = 4
			}
			device := "tap" + vif.PortID
			list = append(list, wrapped("IpPayload", "1.0", map[string]any{
				"address": a.IP, "version": version, "label": vif.NetworkLabel, "mac": vif.MAC, "port_uuid": vif.PortID,
				"meta": map[string]any{}, "device_name": device[:min(len(device), tapName)],
			}))
		}
	}
	return list
}

func blockDevicePayloads(devices []compute.BlockDevice) []novaObject {
	list := []novaObject{}
	for _, d := range devices {
		if !d.OnVolume() {
			continue
		}
		list = append(list, wrapped("BlockDevicePayload", "1.0", map[string]any{
			"volume_id": d.VolumeID, "device_name": orNil(d.Device), "boot_index": d.BootIndex, "tag": orNil(d.Tag),
			"delete_on_termination": d.DeleteOnTermination,
		}))
	}
	return list
}

func powerWord(p compute.PowerState) string {
	words := map[compute.PowerState]string{
		compute.PowerNoState: "pending", compute.PowerRunning: "running", compute.PowerPaused: "paused",
		compute.PowerShutdown: "shutdown", compute.PowerCrashed: "crashed", compute.PowerSuspended: "suspended",
	}
	return words[p]
}

func moment(t *time.Time) any {
	if t == nil || t.IsZero() {
		return nil
	}
	return t.UTC().Format(novaTime)
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}
