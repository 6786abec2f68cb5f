// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Options are what an image service is made of.
type Options struct {
	Store store.Store
	Clock clock.Clock
	Auth  api.Authenticator
	Log   *slog.Logger // nil: no log
	// Dir keeps images' data in files; "" keeps it in memory. It belongs to this service alone.
	Dir string
	// MaxSize and MaxVirtualSize of an image in bytes; 0 is 1 TiB, but 1 GiB for data in memory.
	MaxSize, MaxVirtualSize int64
	// AnyFormat takes content of no known format for any disk_format, as Glance did before 2025.1.
	// What is of a known format is held to it all the same.
	AnyFormat bool
	// Pace, unless nil, is how long an operation takes beyond what it needs: "image.save", the time in which
	// an image is saving.
	Pace func(operation string) time.Duration
}

// Service is the image service.
type Service struct {
	store                   store.Store
	clock                   clock.Clock
	log                     *slog.Logger
	policy                  api.Policy
	content                 contents
	maxSize, maxVirtualSize int64
	anyFormat               bool
	pace                    func(operation string) time.Duration
	http                    http.Handler
}

const (
	gibibyte = 1 << 30
	tebibyte = 1 << 40
)

// New is an image service on a store. Uploads that a crash cut short are undone: their images are queued
// again, and what had arrived is deleted.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Store == nil || o.Clock == nil || o.Auth == nil {
		return nil, errors.New("glance: Options need a Store, a Clock and an Auth")
	}
	content, err := newContents(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Service{
		store: o.Store, clock: o.Clock, log: o.Log, policy: policy(), content: content,
		maxSize: o.MaxSize, maxVirtualSize: o.MaxVirtualSize, anyFormat: o.AnyFormat, pace: o.Pace,
	}
	if s.pace == nil {
		s.pace = func(string) time.Duration { return 0 }
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.maxSize == 0 {
		s.maxSize = tebibyte
		if o.Dir == "" {
			s.maxSize = gibibyte
		}
	}
	if s.maxVirtualSize == 0 {
		s.maxVirtualSize = tebibyte
	}
	s.http = (&api.Service{
		Type: "image", Prefix: "/image", Mounts: []api.Mount{{Path: "/v2"}},
		Root: []api.Route{
			api.Get("", "versions", listVersions).Code(http.StatusMultipleChoices).Public(),
			api.Get("/", "versions", listVersions).Code(http.StatusMultipleChoices).Public(),
			api.Get("/versions", "versions", listVersions).Public(),
		},
		Routes: append(s.routes(), schemaRoutes()...),
		Fault:  glanceFault, Policy: s.policy, Auth: o.Auth, Log: s.log,
	}).Handler()
	return s, s.recover(ctx)
}

// Handler serves everything below /image.
func (s *Service) Handler() http.Handler { return s.http }

func (s *Service) routes() []api.Route {
	return []api.Route{
		api.Get("/images", "", s.listImages).Policy("get_images"),
		api.Post("/images", "", s.createImage).Code(http.StatusCreated),
		api.Get("/images/{id}", "", s.showImage),
		api.Raw(http.MethodPatch, "/images/{id}", s.patchImage),
		api.Delete("/images/{id}", s.deleteImage),
		api.Raw(http.MethodGet, "/images/{id}/file", s.download),
		api.Raw(http.MethodPut, "/images/{id}/file", s.upload).MaxBody(s.maxSize + 1),
		api.Post("/images/{id}/actions/deactivate", "", s.setStatus("deactivate", Active, Deactivated)).Code(http.StatusNoContent),
		api.Post("/images/{id}/actions/reactivate", "", s.setStatus("reactivate", Deactivated, Active)).Code(http.StatusNoContent),
		api.Get("/images/{id}/members", "", s.listMembers),
		api.Post("/images/{id}/members", "", s.createMember),
		api.Get("/images/{id}/members/{member}", "", s.showMember),
		api.Put("/images/{id}/members/{member}", "", s.updateMember),
		api.Delete("/images/{id}/members/{member}", s.deleteMember),
		api.Put("/images/{id}/tags/{tag}", "", s.addTag).Code(http.StatusNoContent),
		api.Delete("/images/{id}/tags/{tag}", s.removeTag),
		// No import methods: data comes by PUT /file alone.
		api.Get("/info/import", "", func(*api.Call) (object, error) {
			return object{"import-methods": object{"description": "Import methods available.", "type": "array", "value": []string{}}}, nil
		}),
	}
}

// recover undoes what a crash left.
func (s *Service) recover(ctx context.Context) error {
	keep := map[string]bool{}
	err := s.change(ctx, nil, func(o *op) error {
		saving, err := imageTable.By(o.tx, "status", Saving)
		if err != nil {
			return err
		}
		for _, i := range saving {
			i.Status, i.Content = Queued, ""
			if err := o.put(i); err != nil {
				return err
			}
		}
		all, err := imageTable.All(o.tx)
		for _, i := range all {
			keep[i.Content] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.content.sweep(keep)
}
