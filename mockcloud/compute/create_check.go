// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

const gib = 1 << 30

// checkCounts refuses what several servers cannot share.
func checkCounts(request CreateRequest) error {
	if request.MaxCount == 1 {
		return nil
	}
	if request.Hostname != "" {
		return refuse(BadRequest, "Unable to allocate a single hostname to multiple instances")
	}
	for _, network := range request.Networks {
		switch {
		case network.PortID != "":
			return refuse(BadRequest, "Failed to launch instances: Unable to launch multiple instances with a "+
				"single configured port ID. Please launch your instance one by one with different ports.")
		case network.FixedIP != "":
			return refuse(BadRequest, "Failed to launch instances: "+
				"max_count cannot be greater than 1 if an fixed_ip is specified.")
		}
	}
	return nil
}

// checkImage refuses an image that is not ready, or that flavor and root disk have no room for.
func checkImage(image *Image, request *CreateRequest, root *BlockDevice) error {
	switch {
	case image.Status != "active":
		return refuse(BadRequest, "Image %s is not active.", image.ID)
	case !slices.Contains([]string{"", "optional", "mandatory"}, image.Properties["img_config_drive"]):
		return refuse(BadRequest, "Image's config drive option '%s' is invalid", image.Properties["img_config_drive"])
	case request.Flavor.MemoryMiB < image.MinRAM:
		return refuse(BadRequest, "Flavor's memory is too small for requested image.")
	case request.DiskConfig == DiskAuto && strings.EqualFold(image.Properties["auto_disk_config"], "disabled"):
		return refuse(BadRequest, "Requested image %s has automatic disk resize disabled.", image.ID)
	}
	return checkRoot(image, request, root)
}

func tooSmallFor(image, root int64) error {
	return refuse(BadRequest, "Flavor's disk is too small for requested image. Flavor disk is %d bytes, image is %d bytes.",
		root, image)
}

// target is where a server is to go.
type target struct {
	zone                   string
	forcedHost, forcedNode string
	host, node             string
}

// target parses and checks the availability zone and the requested host. Zone, host and node in one
// is an administrator's; that the caller is one is the API's to check.
func (m *Manager) target(ctx context.Context, request CreateRequest, imageProperties map[string]string) (target, error) {
	parts := strings.Split(request.AvailabilityZone, ":")
	const most = 3
	if len(parts) > most {
		return target{}, refuse(BadRequest, "Invalid input received: Unable to parse availability_zone")
	}
	parts = append(parts, "", "")
	to := target{
		zone: or(parts[0], m.DefaultScheduleZone), forcedHost: parts[1], forcedNode: parts[2],
		host: request.Host, node: request.HypervisorHostname,
	}
	err := m.Store.View(ctx, func(tx store.Tx) error {
		hosts, err := m.hostsIn(tx)
		if err != nil {
			return err
		}
		if err := to.check(hosts); err != nil {
			return err
		}
		if to.forcedHost != "" && slices.ContainsFunc(hosts, func(h *Host) bool { return h.Name == to.forcedHost && h.Zone != to.zone }) {
			to.zone = "" // the host decides, and does not pin the server to a zone that it is not in
		}
		return checkDemand(hosts, request.Flavor, imageProperties)
	})
	return to, err
}

// forced tells that the server must go to one host, so no other is tried.
func (t target) forced() bool { return t.forcedHost != "" || t.forcedNode != "" }

// check refuses a zone and a host that do not exist.
func (t target) check(hosts []*Host) error {
	exists := func(matches func(*Host) bool) bool { return slices.ContainsFunc(hosts, matches) }
	switch {
	case t.zone != "" && t.forcedHost == "" && !exists(func(h *Host) bool { return h.Zone == t.zone && h.Up && !h.Disabled }):
		return refuse(BadRequest, "The requested availability zone is not available")
	case t.host != "" && !exists(func(h *Host) bool { return h.Name == t.host }):
		return refuse(BadRequest, "Compute host %s could not be found.", t.host)
	case t.node != "" && !exists(func(h *Host) bool { return h.Node == t.node && (t.host == "" || h.Name == t.host) }):
		return refuse(BadRequest, "Compute host %s could not be found.", t.node)
	}
	return nil
}

// isWord is Python's \w within Latin 1.
func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

// nextNumber is the next instance's number.
func nextNumber(tx store.Tx) (int64, error) { return next(tx, instances.Name) }
