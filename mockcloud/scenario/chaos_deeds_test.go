// SPDX-License-Identifier: MPL-2.0

package scenario

import (
	"fmt"
	"net/http"
	"strings"
)

func (w *chaos) rebuild(s *soul) (int, error) {
	status, err := w.try("POST", s.path("/action"), with{"rebuild": with{"imageRef": w.image}}, nil)
	if status != http.StatusConflict && status != http.StatusBadRequest {
		s.mark = "" // its disk is new
	}
	return status, err
}

// replace deletes a server and makes another.
func (w *chaos) replace(s *soul) (int, error) {
	status, err := w.try("DELETE", s.path(""), nil, nil)
	if err != nil {
		return status, err
	}
	for n := range w.souls {
		if w.souls[n] == s {
			w.souls[n] = &soul{server: w.create(with{"name": "soul"})}
		}
	}
	return status, nil
}

// snapshot makes an image of the server, which goes with the test.
func (w *chaos) snapshot(s *soul) (int, error) {
	var made struct {
		Image string `json:"image_id"`
	}
	status, err := w.try("POST", s.path("/action"), with{"createImage": with{"name": "snapshot"}}, &made)
	if err == nil {
		w.later("/image/v2/images/" + made.Image)
	}
	return status, err
}

// moveVolume detaches a volume from the server, or attaches one that is free.
func (w *chaos) moveVolume(s *soul) (int, error) {
	if there := s.show().Volumes; len(there) > 0 {
		return w.try("DELETE", s.path("/os-volume_attachments/"+there[0].ID), nil, nil)
	}
	volume := w.volumes[w.random.IntN(len(w.volumes))]
	return w.try("POST", s.path("/os-volume_attachments"), with{"volumeAttachment": with{"volumeId": volume}}, nil)
}

// moveInterface detaches the server's second interface, or attaches one.
func (w *chaos) moveInterface(s *soul) (int, error) {
	var there struct {
		List []struct {
			Port string `json:"port_id"`
			Net  string `json:"net_id"`
		} `json:"interfaceAttachments"`
	}
	if status, err := w.try("GET", s.path("/os-interface"), nil, &there); err != nil {
		return status, err
	}
	for _, nic := range there.List {
		if nic.Net == w.cidr {
			return w.try("DELETE", s.path("/os-interface/"+nic.Port), nil, nil)
		}
	}
	status, err := w.try("POST", s.path("/os-interface"), with{"interfaceAttachment": with{"net_id": w.cidr}}, nil)
	if err != nil && strings.Contains(err.Error(), "Failed to attach") {
		status = http.StatusConflict // Nova answers 500 where the guest is not to be reached just now
	}
	return status, err
}

// evacuate takes the server off its host as if that had burnt down: its processes die, an operator fences it.
func (w *chaos) evacuate(s *soul) (int, error) {
	host := s.show().Host
	if host == "" {
		return http.StatusConflict, nil
	}
	var services struct {
		Services []struct{ ID, Host, Binary string }
	}
	if status, err := w.try("GET", "/os-services?binary=nova-compute&host="+host, nil, &services); err != nil || len(services.Services) != 1 {
		return status, fmt.Errorf("%w: %v", err, services)
	}
	service := "/os-services/" + services.Services[0].ID
	for id, pids := range w.running() {
		for _, pid := range pids {
			if w.onHost(id) == host {
				_ = killProcess(pid)
			}
		}
	}
	if status, err := w.try("PUT", service, with{"forced_down": true}, nil); err != nil {
		return status, err
	}
	status, err := w.try("POST", s.path("/action"), with{"evacuate": with{}}, nil)
	w.settle()
	w.killCloud() // only a host whose service has restarted is said to be up again
	w.settle()
	if back, failed := w.try("PUT", service, with{"forced_down": false}, nil); failed != nil {
		return back, failed
	}
	if status == http.StatusOK || status == http.StatusAccepted {
		s.mark = "" // local disks do not come along
	}
	return status, err
}
