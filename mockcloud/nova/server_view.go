// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// viewer makes answers of instances for one request: what is the same for all of them is looked up
// once.
type viewer struct {
	c           *api.Call
	admin       bool // sees extended attributes
	extraSpecs  bool
	hostStatus  bool // any
	unknownHost bool // only that it is unknown
	// wholeAddresses: the addresses tell type and MAC; the answers of updates did not, up to 2.74.
	wholeAddresses bool
	hosts          map[string]*compute.Host
	groups         map[string][]string // security groups by instance
}

func (s *Service) viewer(c *api.Call, instances ...*compute.Instance) (*viewer, error) {
	own := c.Own()
	v := &viewer{
		c: c, admin: c.Allowed(rule("os-extended-server-attributes"), own),
		extraSpecs:  c.Allowed(rule("servers:show:flavor-extra-specs"), own),
		hostStatus:  c.Allowed(rule("servers:show:host_status"), own),
		unknownHost: c.Allowed(rule("servers:show:host_status:unknown-only"), own), hosts: map[string]*compute.Host{}, wholeAddresses: true,
	}
	if (v.hostStatus || v.unknownHost) && c.Since(showsHostStatus) {
		hosts, err := s.Compute.Hosts(c.Context())
		if err != nil {
			return nil, err
		}
		for _, h := range hosts {
			v.hosts[h.Name] = h
		}
	}
	var err error
	v.groups, err = s.securityGroups(c.Context(), instances)
	return v, err
}

// securityGroups are the names of the groups in force on each instance's ports.
func (s *Service) securityGroups(ctx context.Context, instances []*compute.Instance) (map[string][]string, error) {
	if s.SecurityGroups == nil {
		return nil, nil
	}
	ids := make([]string, 0, len(instances))
	for _, inst := range instances {
		if len(inst.VIFs) > 0 {
			ids = append(ids, inst.ID)
		}
	}
	return s.SecurityGroups(ctx, ids)
}

// progressStatuses are the statuses with a progress.
var progressStatuses = []string{"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"}

func (v *viewer) core(i *compute.Instance) serverCore {
	status := i.Status()
	core := serverCore{
		ID: i.ID, Name: i.Name, Status: status, TenantID: i.ProjectID, UserID: i.UserID, Metadata: i.Metadata,
		HostID: hostID(i.ProjectID, i.Host), Image: v.image(i),
		OldFlavor: FlavorLink{ID: i.Flavor.ID, Links: v.bookmark("/flavors/" + i.Flavor.ID)}, Flavor: v.flavor(i),
		Created: api.Time{Time: i.CreatedAt}, Updated: api.Time{Time: i.UpdatedAt}, Addresses: map[string][]ServerAddress{},
		AccessIPv4: i.AccessIPv4, AccessIPv6: i.AccessIPv6, Links: v.c.Links(v.c.InProject("/servers/" + i.ID)),
		DiskConfig: string(i.DiskConfig), Locked: i.Locked, Description: i.Description, Tags: i.Tags, LockedReason: i.LockedReason,
	}
	if i.VMState != compute.Building { // Nova hides the addresses of a server that is not built yet
		core.Addresses = addresses(i.VIFs, v.wholeAddresses)
	}
	if i.TrustedCerts != nil {
		core.TrustedCerts = &i.TrustedCerts
	}
	if slices.Contains(progressStatuses, status) {
		core.Progress = &i.Progress
	}
	if i.Fault != nil && (status == "ERROR" || status == "DELETED") {
		core.Fault = &ServerFault{Code: i.Fault.Code, Message: i.Fault.Message, Created: api.Time{Time: i.Fault.Created}}
		if v.c.Identity.Admin() || i.Fault.Code != 500 {
			core.Fault.Details = i.Fault.Details
		}
	}
	return core
}

func (v *viewer) more(i *compute.Instance) serverMore {
	more := serverMore{
		Zone: i.Zone, VMState: string(i.VMState), PowerState: int(i.PowerState), TaskState: nullable(string(i.TaskState)),
		LaunchedAt: micros(i.LaunchedAt), TerminatedAt: micros(i.TerminatedAt),
		ConfigDrive: configDrive(i), PinnedZone: nullable(i.RequestedZone), SchedulerHints: i.SchedulerHints,
	}
	if i.Zone == "" {
		more.Zone = i.RequestedZone
	}
	if i.KeyPair != nil {
		more.KeyName = &i.KeyPair.Name
	}
	groups := v.groups[i.ID]
	if v.groups == nil {
		groups = i.SecurityGroups
	}
	for _, group := range groups {
		more.SecurityGroups = append(more.SecurityGroups, namedGroup{Name: name(group)})
	}
	for _, volume := range i.BlockDevices {
		if !volume.Attached() {
			continue
		}
		more.Volumes = append(more.Volumes, serverVolume{ID: volume.VolumeID, DeleteOnTermination: volume.DeleteOnTermination})
	}
	if status := v.statusOfHost(i.Host); v.hostStatus || v.unknownHost && status == unknown {
		more.HostStatus = api.Some(status)
	}
	if v.admin || v.c.Since(hostnameForAll) {
		more.Hostname = i.Hostname
	}
	if v.admin {
		v.extend(&more, i)
	}
	return more
}

// extend adds what only administrators see.
func (v *viewer) extend(more *serverMore, i *compute.Instance) {
	more.Host, more.Node = api.Some(nullable(i.Host)), api.Some(nullable(i.Node))
	more.InstanceName = i.MachineName()
	more.extendedServer = extendedServer{
		KernelID: api.Some(pointer("")), RamdiskID: api.Some(pointer("")), LaunchIndex: api.Some(i.LaunchIndex),
		ReservationID: api.Some(i.ReservationID), RootDeviceName: api.Some(nullable(i.RootDeviceName)),
		UserData: api.Some(nullable(i.UserData)),
	}
}

// statusOfHost is host_status, since 2.16.
func (v *viewer) statusOfHost(name string) string {
	h := v.hosts[name]
	switch {
	case h == nil:
		return ""
	case h.ForcedDown:
		return "DOWN"
	case h.Disabled:
		return "MAINTENANCE"
	case !h.Up:
		return unknown
	default:
		return "UP"
	}
}

func (v *viewer) image(i *compute.Instance) ServerImage {
	if i.VolumeBacked() {
		return ServerImage{}
	}
	properties := map[string]string{}
	for key, value := range i.ImageProperties {
		if isImageProperty(key) {
			properties[key] = value
		}
	}
	return ServerImage{ID: i.ImageID, Links: v.bookmark("/images/" + i.ImageID), Properties: properties}
}

func (v *viewer) flavor(i *compute.Instance) ServerFlavor {
	f := ServerFlavor{
		VCPUs: i.Flavor.VCPUs, RAM: i.Flavor.MemoryMiB, Disk: i.Flavor.RootGiB, Ephemeral: i.Flavor.EphemeralGiB,
		Swap: i.Flavor.SwapMiB, OriginalName: i.Flavor.Name,
	}
	if v.extraSpecs {
		f.ExtraSpecs = (*extraSpecs)(&i.Flavor.ExtraSpecs)
	}
	return f
}

func (v *viewer) bookmark(path string) []api.Link {
	return []api.Link{{Rel: "bookmark", Href: v.c.Bookmark(v.c.InProject(path))}}
}

// hostID hides a host's name: the same for all servers of a project on that host, and nothing to
// another project.
func hostID(projectID, host string) string {
	if host == "" {
		return ""
	}
	sum := sha256.Sum224([]byte(projectID + host))
	return hex.EncodeToString(sum[:])
}

// addresses are the VIFs' addresses by network, fixed ones first; whole ones tell type and MAC.
func addresses(vifs []compute.VIF, whole bool) map[string][]ServerAddress {
	all := map[string][]ServerAddress{}
	for _, kind := range []string{"fixed", "floating"} {
		for _, vif := range vifs {
			for _, a := range vif.Addresses {
				if a.Type != kind {
					continue
				}
				view := ServerAddress{Version: 6, Addr: a.IP.String()}
				if a.IP.Is4() {
					view.Version = 4
				}
				if whole {
					view.Type, view.MAC = a.Type, vif.MAC
				}
				all[vif.NetworkLabel] = append(all[vif.NetworkLabel], view)
			}
		}
	}
	return all
}

func micros(t *time.Time) api.Micros {
	if t == nil {
		return api.Micros{}
	}
	return api.Micros{Time: *t}
}

func pointer[T any](value T) *T { return &value }

// nullable is the text, or null for none.
func nullable(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
