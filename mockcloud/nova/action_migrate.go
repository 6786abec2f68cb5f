// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
)

// migrate is the body of the action migrate since 2.56; it may be null.
type migrate struct {
	Host api.Opt[string] `json:"host" null:"ok" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
}

// migrateLive is the body of the action os-migrateLive.
type migrateLive struct {
	Host           api.Opt[string]         `json:"host" need:"2.1-" null:"ok" len:"1-255" pattern:"^[a-zA-Z0-9-._]*$"`
	OldBlock       api.Boolean             `json:"block_migration" nova:"-2.24" need:"-2.24"`
	Block          api.WordOr[api.Boolean] `json:"block_migration" nova:"2.25-" need:"2.25-" oneof:"auto"`
	DiskOverCommit api.Boolean             `json:"disk_over_commit" nova:"-2.24" need:"-2.24"`
	Force          api.Boolean             `json:"force" nova:"2.30-2.67"`
}

func (s *Service) migrateActions() []api.Route {
	return []api.Route{
		api.Action(actionPath, "migrate", s.migrateAnywhere).Only("-2.55"),
		api.Action(actionPath, "migrate", s.migrateServer).Only("2.56-"),
		api.Action(actionPath, "os-migrateLive", s.migrateServerLive),
	}
}

func (s *Service) migrateAnywhere(c *api.Call, _ *api.None) (api.None, error) {
	return s.migrateTo(c, "")
}

func (s *Service) migrateServer(c *api.Call, in *api.Opt[migrate]) (api.None, error) {
	return s.migrateTo(c, in.Value.Host.Value)
}

func (s *Service) migrateTo(c *api.Call, host string) (api.None, error) {
	policy := "os-migrate-server:migrate"
	if host != "" {
		policy += ":host"
	}
	inst, err := s.server(c, c.Var("id"), policy)
	if err != nil {
		return api.None{}, err
	}
	return api.None{}, refused(s.Compute.Migrate(c.Context(), caller(c), inst.ID, host))
}

func (s *Service) migrateServerLive(c *api.Call, in *migrateLive) (none api.None, err error) {
	policy := "os-migrate-server:migrate_live"
	if in.Host.Value != "" {
		policy += ":host"
	}
	inst, err := s.server(c, c.Var("id"), policy)
	if err != nil {
		return none, err
	}
	if in.Force && in.Host.Value == "" {
		return none, api.BadRequest("Can't force to a non-provided destination")
	}
	want := compute.LiveMigrateRequest{
		// Hosts have directories of their own and share no storage: Nova, left to choose, copies then.
		Host: in.Host.Value, Force: bool(in.Force), CopyDisks: bool(in.OldBlock || in.Block.Value) || in.Block.Word != "",
		Async: c.Since(migratesLater),
	}
	if c.Version < asksScheduler {
		want.Force = want.Host != ""
	}
	return none, refused(s.Compute.LiveMigrate(c.Context(), caller(c), inst.ID, want))
}

// forceComplete and abort are what can be done to a live migration.
func (s *Service) forceComplete(c *api.Call, _ *null) (api.None, error) {
	return api.None{}, s.control(c, "servers:migrations:force_complete", func(ctx context.Context, id, number string) error {
		return s.Compute.ForceComplete(ctx, caller(c), id, number)
	})
}

func (s *Service) abortMigration(c *api.Call) error {
	return s.control(c, "servers:migrations:delete", func(ctx context.Context, id, number string) error {
		return s.Compute.AbortMigration(ctx, caller(c), id, number, c.Since(abortsQueued))
	})
}

func (s *Service) control(c *api.Call, policy string, do func(ctx context.Context, id, number string) error) error {
	inst, err := s.server(c, c.Var("id"), policy)
	if err != nil {
		return err
	}
	return refused(do(c.Context(), inst.ID, c.Var("number")))
}
