// SPDX-License-Identifier: MPL-2.0

package glance

import (
	"errors"
	"net/http"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// Member is a project that a shared image is shared with.
type Member struct {
	ImageID   string   `json:"image_id"`
	MemberID  string   `json:"member_id"`
	Status    string   `json:"status"` // pending, accepted, rejected
	CreatedAt api.Time `json:"created_at"`
	UpdatedAt api.Time `json:"updated_at"`
	Schema    string   `json:"schema"`
}

var memberTable = &store.Table[Member]{
	Name: "glance.members",
	Key:  func(m *Member) string { return memberKey(m.ImageID, m.MemberID) },
	Indexes: []store.Index[Member]{
		{Name: "image_id", Of: func(m *Member) []string { return []string{m.ImageID} }},
	},
}

func memberKey(image, project string) string { return image + "/" + project }

// member is the image's member of that project, or nil.
func (o *op) member(image, project string) (*Member, error) {
	m, err := memberTable.Get(o.tx, memberKey(image, project))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return m, err
}

// sharedImage is the image if it has members; whose it is, is the caller's to check.
func (o *op) sharedImage(id string) (*Image, error) {
	i, err := o.find(id)
	if err == nil && i.Visibility != Shared {
		return nil, api.Forbidden("Only shared images have members.")
	}
	return i, err
}

// owns reports whether the image is the caller's, or the caller an administrator.
func (o *op) owns(i *Image) bool {
	return o.identity.Admin() || i.Owner != "" && i.Owner == o.identity.ProjectID
}

type memberCreate struct {
	Member string `json:"member" need:"2.0-" len:"1-255"`
}

type memberUpdate struct {
	Status string `json:"status" need:"2.0-" oneof:"pending accepted rejected"`
}

func (o *op) newMember(image, project string) *Member {
	return &Member{ImageID: image, MemberID: project, Status: "pending", CreatedAt: o.now, UpdatedAt: o.now, Schema: "/v2/schemas/member"}
}

func (s *Service) createMember(c *api.Call, in *memberCreate) (m *Member, err error) {
	err = s.change(c.Context(), c.Identity, func(o *op) error {
		i, err := o.sharedImage(c.Var("id"))
		if err != nil {
			return err
		}
		if err := o.authorize("add_member", i.Owner); err != nil {
			return err
		}
		members, err := memberTable.By(o.tx, "image_id", i.ID)
		if err != nil {
			return err
		}
		if len(members) >= maxProperties {
			return api.NewFault(http.StatusRequestEntityTooLarge, "The limit has been exceeded on the number of allowed image members: %d.", maxProperties)
		}
		m = o.newMember(i.ID, in.Member)
		err = memberTable.Insert(o.tx, m)
		if errors.Is(err, store.ErrExists) {
			return api.Conflict("Image member %s already exists for image %s", in.Member, i.ID)
		}
		return err
	})
	return m, err
}

// findMember is a member that the caller may see: every one of its own images, else only itself.
func (o *op) findMember(c *api.Call) (*Image, *Member, error) {
	i, err := o.sharedImage(c.Var("id"))
	if err != nil {
		return nil, nil, err
	}
	m, err := o.member(i.ID, c.Var("member"))
	if err != nil {
		return nil, nil, err
	}
	if m == nil || !o.owns(i) && m.MemberID != o.identity.ProjectID {
		return nil, nil, api.NotFound("%s not found in the member list of the image %s.", c.Var("member"), i.ID)
	}
	return i, m, nil
}

func (s *Service) showMember(c *api.Call) (m *Member, err error) {
	err = s.read(c.Context(), c.Identity, func(o *op) error {
		_, m, err = o.findMember(c)
		return err
	})
	return m, err
}

func (s *Service) listMembers(c *api.Call) (object, error) {
	seen := []*Member{}
	err := s.read(c.Context(), c.Identity, func(o *op) error {
		i, err := o.sharedImage(c.Var("id"))
		if err != nil {
			return err
		}
		all, err := memberTable.By(o.tx, "image_id", i.ID)
		for _, m := range all {
			if o.owns(i) || m.MemberID == o.identity.ProjectID {
				seen = append(seen, m)
			}
		}
		return err
	})
	return object{"members": seen, "schema": "/v2/schemas/members"}, err
}

// updateMember is the member's own decision.
func (s *Service) updateMember(c *api.Call, in *memberUpdate) (m *Member, err error) {
	err = s.change(c.Context(), c.Identity, func(o *op) error {
		if _, m, err = o.findMember(c); err != nil {
			return err
		}
		if err := o.authorize("modify_member", m.MemberID); err != nil {
			return err
		}
		m.Status, m.UpdatedAt = in.Status, o.now
		return memberTable.Put(o.tx, m)
	})
	return m, err
}

func (s *Service) deleteMember(c *api.Call) error {
	return s.change(c.Context(), c.Identity, func(o *op) error {
		i, m, err := o.findMember(c)
		if err != nil {
			return err
		}
		if err := o.authorize("delete_member", i.Owner); err != nil {
			return err
		}
		return memberTable.Delete(o.tx, memberKey(i.ID, m.MemberID))
	})
}
