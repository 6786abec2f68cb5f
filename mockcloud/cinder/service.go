// SPDX-License-Identifier: MPL-2.0

package cinder

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Options are what a block storage service is made of.
type Options struct {
	Store store.Store
	Clock clock.Clock
	Auth  api.Authenticator
	Log   *slog.Logger // nil: no log
	// Images is where volumes are filled from and uploaded to; nil knows no image.
	Images Images
	// Dir keeps volumes' content in raw files; "" simulates it. It belongs to this service alone.
	Dir string
	// Pace is how long an operation ("volume.create", "snapshot.delete" …) shows its transient status
	// before it does its work; nil is no time at all.
	Pace func(operation string) time.Duration
	// ProjectExists tells whether Keystone has a project; nil takes every one for real.
	ProjectExists func(ctx context.Context, id string) (bool, error)
	// ServerHas tells whether a server uses an attachment, which then only the server's detach may end;
	// nil lets the volume's owner.
	ServerHas func(ctx context.Context, serverID, attachmentID string) (bool, error)
	// Copy has a server's host copy a volume that the server may be writing to, as it is at one moment, into the
	// raw file at path, which is there and as large; nil, and copied is false, lets Cinder copy the volume's file.
	Copy func(ctx context.Context, serverID, volumeID, path string) (copied bool, err error)
	// Extended tells a server that a volume of its has grown; nil tells none.
	Extended func(ctx context.Context, serverID, volumeID string, bytes int64) error
}

// Service is the block storage service.
type Service struct {
	store         store.Store
	clock         clock.Clock
	log           *slog.Logger
	policy        api.Policy
	images        Images
	content       contents
	pace          func(string) time.Duration
	projectExists func(context.Context, string) (bool, error)
	serverHas     func(ctx context.Context, serverID, attachmentID string) (bool, error)
	extended      func(ctx context.Context, serverID, volumeID string, bytes int64) error
	copyInUse     func(ctx context.Context, serverID, volumeID, path string) (bool, error)
	work          *worker
	http          http.Handler
}

// New is a block storage service on a store. Open it before it is used, and Close it.
func New(ctx context.Context, o Options) (*Service, error) {
	if o.Store == nil || o.Clock == nil || o.Auth == nil {
		return nil, errors.New("cinder: Options need a Store, a Clock and an Auth")
	}
	content, err := newContents(o.Dir)
	if err != nil {
		return nil, err
	}
	s := &Service{
		store: o.Store, clock: o.Clock, log: o.Log, policy: policy(), images: o.Images, content: content,
		pace: o.Pace, projectExists: o.ProjectExists, serverHas: o.ServerHas, extended: o.Extended, copyInUse: o.Copy, work: newWorker(ctx),
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.images == nil {
		s.images = noImages{}
	}
	if s.pace == nil {
		s.pace = func(string) time.Duration { return 0 }
	}
	s.http = s.service(o.Auth).Handler()
	return s, s.seed(ctx)
}

// Handler serves everything below /volume.
func (s *Service) Handler() http.Handler { return s.http }

// Open takes up again what an earlier process left unfinished, and removes the files that it left behind.
func (s *Service) Open(ctx context.Context) error { return s.recover(ctx) }

// Close ends what is under way; the next Open takes it up again.
func (s *Service) Close() error {
	s.work.close()
	return nil
}

func (s *Service) service(auth api.Authenticator) *api.Service {
	return &api.Service{
		Type: "block-storage", Prefix: "/volume", Mounts: []api.Mount{{Path: "/v3", Project: true}},
		Root:     versionRoutes(),
		Routes:   s.routes(),
		Versions: &api.Microversions{Service: "volume", Major: "3", Max: Newest},
		Fault:    api.NovaFault, Policy: s.policy, Auth: auth, Log: s.log,
		Formats: formats(),
	}
}

func (s *Service) routes() []api.Route {
	return slices.Concat(
		s.volumeRoutes(), s.volumeActions(), s.metadataRoutes(), s.imageMetadataActions(), s.snapshotRoutes(),
		s.attachmentRoutes(), s.typeRoutes(), s.extraSpecRoutes(), s.encryptionRoutes(), s.qosRoutes(), s.defaultTypeRoutes(),
		s.quotaRoutes(), s.limitRoutes(), s.transferRoutes(), s.messageRoutes(), s.serviceRoutes(), s.infoRoutes(),
	)
}
