// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// CreateRequest is a request for servers, checked by the API for its form.
type CreateRequest struct {
	Name               string
	Description        *string
	Hostname           string // requested by the user (since 2.90); "" derives it from the name
	ImageID            string
	Flavor             Flavor
	KeyPair            *KeyPair
	UserData           string // base64
	ConfigDrive        bool
	Metadata           map[string]string
	Tags               []string
	DiskConfig         DiskConfig // "" goes by the image
	AccessIPv4         string
	AccessIPv6         string
	TrustedCerts       []string
	AvailabilityZone   string // as given: "zone", "zone:host", "zone:host:node", "zone::node"
	Host               string // requested host, since 2.74
	HypervisorHostname string // requested node, since 2.74
	SchedulerHints     map[string][]string
	TargetCell         string   // the hint target_cell, of who may say so
	DifferentCells     []string // the hint different_cell, likewise
	SecurityGroups     []string
	Networks           []RequestedNetwork
	MinCount, MaxCount int // 0 is 1
	AdminPassword      string
	InjectedFiles      map[string][]byte // personality, up to 2.56: path to content
	Disks              RequestedDevices
}

// build is what building an instance needs beyond its record; it lives in memory only.
type build struct {
	image  *Image
	target target
	once   BootData
	disks  []BlockDevice
	// serverID is the server's for which volumes have been reserved, "" for none. There is only one then.
	serverID string
}

// buildAction is not in the table of guards: there is no instance yet to guard.
func (b *build) action() *Action {
	return &Action{
		Name: "create", Task: Scheduling, Event: "compute__do_build_and_run_instance", Run: b.run,
	}
}

// Create records the servers and begins to build them: as many as quota allows between MinCount and
// MaxCount. The instances are returned as they were recorded: building, scheduling.
func (m *Manager) Create(ctx context.Context, caller Caller, request CreateRequest) ([]*Instance, error) {
	request.MinCount = max(request.MinCount, 1)
	request.MaxCount = max(request.MaxCount, request.MinCount)
	if err := checkCounts(request); err != nil {
		return nil, err
	}
	image, err := m.bootImage(ctx, caller, &request)
	if err != nil {
		return nil, err
	}
	disks, err := request.devices(image)
	if err != nil {
		return nil, err
	}
	if err := checkImage(image, &request, rootOf(disks)); err != nil {
		return nil, err
	}
	target, err := m.target(ctx, request, image.Properties)
	if err != nil {
		return nil, err
	}
	request.Networks, err = m.Networks.Resolve(ctx, caller, request.Networks, request.SecurityGroups, request.MaxCount)
	if err != nil {
		return nil, err
	}
	if err := (deviceCheck{m, caller, &request}).check(ctx, disks); err != nil {
		return nil, err
	}
	b := &build{
		image: image, target: target, once: BootData{AdminPassword: request.AdminPassword, Files: request.InjectedFiles},
		disks: disks,
	}
	ops, err := m.reserveAndAccept(ctx, caller, request, b)
	if err != nil {
		return nil, err
	}
	created := make([]*Instance, 0, len(ops))
	for _, op := range ops {
		created = append(created, op.Instance)
		if err := m.launch(op); err != nil {
			return nil, err
		}
	}
	return created, nil
}

// reserveAndAccept is acceptCreate with the volumes reserved that the server is to have.
func (m *Manager) reserveAndAccept(ctx context.Context, caller Caller, request CreateRequest, b *build) ([]*Op, error) {
	if slices.ContainsFunc(b.disks, func(d BlockDevice) bool { return d.Source == SourceVolume }) {
		b.serverID = uuid.NewString()
		if err := m.reserveVolumes(ctx, caller, b.serverID, b.disks); err != nil {
			return nil, err
		}
	}
	ops, err := m.acceptCreate(ctx, caller, request, b)
	if err != nil && b.serverID != "" {
		m.unreserve(context.WithoutCancel(ctx), b.serverID)
	}
	return ops, err
}

// acceptCreate checks quota and records the instances, all in one transaction.
func (m *Manager) acceptCreate(ctx context.Context, caller Caller, request CreateRequest, b *build) ([]*Op, error) {
	var ops []*Op
	action := b.action()
	err := m.Store.Update(ctx, func(tx store.Tx) error {
		ops = nil
		if err := m.checkCreateQuota(tx, caller, request); err != nil {
			return err
		}
		count, err := m.admit(tx, caller, request.Flavor, request.MinCount, request.MaxCount)
		if err != nil {
			return err
		}
		group, err := m.join(tx, caller, request.SchedulerHints, count)
		if err != nil {
			return err
		}
		reservation := reservationID()
		for index := range count {
			inst := m.newInstance(caller, request, b, index, count)
			inst.ReservationID, inst.ServerGroupID = reservation, group
			if inst.Number, err = nextNumber(tx); err != nil {
				return err
			}
			if err := allocate(tx, inst); err != nil {
				return err
			}
			op, err := m.acceptIn(tx, caller, inst, action)
			if err != nil {
				return err
			}
			ops = append(ops, op)
		}
		if b.serverID == "" {
			return nil
		}
		return dropReservation(tx, b.serverID)
	})
	return ops, err
}

func (m *Manager) checkCreateQuota(tx store.Tx, caller Caller, request CreateRequest) error {
	limits, err := m.LimitsIn(tx, caller.ProjectID, caller.UserID)
	if err != nil {
		return err
	}
	path, content := 0, 0
	for p, c := range request.InjectedFiles {
		path, content = max(path, len(p)), max(content, len(c))
	}
	for _, check := range []struct {
		resource Resource
		count    int
	}{
		{QuotaMetadataItems, len(request.Metadata)},
		{QuotaInjectedFiles, len(request.InjectedFiles)},
		{QuotaInjectedFilePathBytes, path},
		{QuotaInjectedFileContentBytes, content},
	} {
		if err := within(limits, check.resource, check.count); err != nil {
			return err
		}
	}
	return nil
}

// newInstance is the record of the index-th of count servers.
func (m *Manager) newInstance(caller Caller, request CreateRequest, b *build, index, count int) *Instance {
	now := m.Clock.Now()
	inst := &Instance{
		ID: or(b.serverID, uuid.NewString()), ProjectID: caller.ProjectID, UserID: caller.UserID,
		Name: request.Name, Description: request.Description, Hostname: request.Hostname, LaunchIndex: index,
		ImageID: request.ImageID, ImageProperties: inheritedProperties(b.image),
		ImageMinDisk: b.image.MinDisk, ImageMinRAM: b.image.MinRAM, Flavor: request.Flavor,
		KeyPair: request.KeyPair, UserData: request.UserData, ConfigDrive: request.ConfigDrive,
		Metadata: maps.Clone(request.Metadata), Tags: tagSet(request.Tags),
		DiskConfig: diskConfig(request.DiskConfig, b.image),
		AccessIPv4: request.AccessIPv4, AccessIPv6: request.AccessIPv6, TrustedCerts: request.TrustedCerts,
		RequestedZone: b.target.zone, SchedulerHints: request.SchedulerHints,
		TargetCell: request.TargetCell, DifferentCells: request.DifferentCells,
		VMState: Building, CreatedAt: now, UpdatedAt: now,
		SecurityGroups: request.SecurityGroups, RequestedNetworks: request.Networks,
		RootDeviceName: wholeDevice(b.image.Properties[imageRootDevice]),
		BlockDevices:   slices.Clone(b.disks),
	}
	for i := range inst.BlockDevices {
		inst.BlockDevices[i].ID = uuid.NewString()
	}
	if inst.Hostname == "" {
		inst.Hostname = hostname(inst.Name)
		switch {
		case inst.Hostname == "":
			inst.Hostname = "Server-" + inst.ID
		case count > 1:
			inst.Hostname = fmt.Sprintf("%s-%d", inst.Hostname, index+1)
		}
	}
	if count > 1 {
		inst.Name = fmt.Sprintf("%s-%d", inst.Name, index+1)
	}
	return inst
}

// diskConfig is the requested one, or the image's.
func diskConfig(requested DiskConfig, image *Image) DiskConfig {
	switch {
	case requested != "":
		return requested
	case strings.EqualFold(image.Properties["auto_disk_config"], "true"):
		return DiskAuto
	}
	return DiskManual
}

// hostname makes a hostname of a server's name, by Nova's rule: blanks, underscores and dots become
// dashes, what else a hostname cannot have is dropped.
func hostname(name string) string {
	const longest, latin1 = 63, 0xff
	runes := slices.DeleteFunc([]rune(name), func(r rune) bool { return r > latin1 })
	runes = runes[:min(len(runes), longest)]
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '_' || r == '.':
			return '-'
		case r == '-' || isWord(r):
			return r
		}
		return -1
	}, string(runes))
	return strings.Trim(strings.ToLower(clean), ".-")
}

// tagSet is the tags without repetition, in their order.
func tagSet(tags []string) []string {
	var set []string
	for _, tag := range tags {
		if !slices.Contains(set, tag) {
			set = append(set, tag)
		}
	}
	return set
}

// reservationID is what all servers of one request share.
func reservationID() string { return "r-" + strings.ToLower(rand.Text()[:8]) }

// sequence counts up; there is one, of instance numbers.
type sequence struct {
	Name string
	Last int64
}

var sequences = store.Table[sequence]{
	Name: "compute_sequences",
	Key:  func(s *sequence) string { return s.Name },
}
