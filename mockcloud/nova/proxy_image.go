// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/api"
)

// Images is the image service as its proxies want it: it does everything in the name of who asks, and its
// errors are api.Faults.
type Images interface {
	// List takes the image service's own parameters.
	List(ctx context.Context, identity *api.Identity, params url.Values) ([]ProxiedImage, error)
	Show(ctx context.Context, identity *api.Identity, id string) (ProxiedImage, error)
	Delete(ctx context.Context, identity *api.Identity, id string) error
	// SetProperties makes change's result the image's properties; change may run more than once.
	SetProperties(ctx context.Context, identity *api.Identity, id string,
		change func(map[string]string) (map[string]string, error)) (ProxiedImage, error)
}

// ProxiedImage is an image as the image service tells of it.
type ProxiedImage struct {
	ID               string
	Name             *string
	Status           string
	MinDisk, MinRAM  int   // GiB, MiB
	Size             int64 // bytes
	Created, Updated time.Time
	Properties       map[string]string
}

// imageBrief is an image in GET /images.
type imageBrief struct {
	ID    string      `json:"id"`
	Name  *string     `json:"name"`
	Links []imageLink `json:"links"`
}

// imageDetail is an image as Nova shows it.
type imageDetail struct {
	imageBrief
	MinRAM     int               `json:"minRam"`
	MinDisk    int               `json:"minDisk"`
	Metadata   map[string]string `json:"metadata"`
	Created    api.Time          `json:"created"`
	Updated    api.Time          `json:"updated"`
	Status     string            `json:"status"`
	Progress   int               `json:"progress"`
	Size       int64             `json:"OS-EXT-IMG-SIZE:size"`
	Server     *imageServer      `json:"server,omitempty"`
	DiskConfig string            `json:"OS-DCF:diskConfig,omitempty"`
}

type imageLink struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
	Type string `json:"type,omitempty"`
}

// imageServer is the server that an image was made of.
type imageServer struct {
	ID    string     `json:"id"`
	Links []api.Link `json:"links"`
}

// imageListQuery are the parameters of the lists that Nova checks. The others become filters of the image
// service's.
type imageListQuery struct {
	Limit    api.Opt[api.Natural] `json:"limit"     range:"1-"`
	PageSize api.Opt[api.Natural] `json:"page_size" range:"1-"`
	Offset   api.Opt[api.Natural] `json:"offset"    range:"1-"`
	Marker   string               `json:"marker"`
}

// imageFilters are the parameters that the image service has another name for.
var imageFilters = map[string]string{
	"name": "name", "status": "status", "changes-since": "updated_at", "server": "instance_uuid", "type": "image_type",
	"minRam": "min_ram", "minDisk": "min_disk",
}

// imageStates are the statuses and progresses of the image service's statuses.
var imageStates = map[string]struct {
	status   string
	progress int
}{
	"active": {"ACTIVE", 100}, "queued": {"SAVING", 25}, "saving": {"SAVING", 50}, "deleted": {"DELETED", 0},
	"pending_delete": {"DELETED", 0}, "killed": {"ERROR", 0},
}

// imageRoutes are the proxy of the image service, up to 2.35.
func (s *Service) imageRoutes() []api.Route {
	ask := api.QueryOf[imageListQuery]()
	return []api.Route{
		api.Get("/images", "images", s.listImages).Only("-2.35").AskedBy(ask).Loose("-2.35"),
		api.Get("/images/detail", "images", s.listImagesInDetail).Only("-2.35").AskedBy(ask).Loose("-2.35"),
		api.Get("/images/{id}", "image", s.showImage).Only("-2.35"),
		api.Delete("/images/{id}", s.deleteImage).Only("-2.35"),
	}
}

// refusedImage is the image service's refusal in Nova's words.
func refusedImage(err error) error {
	fault := api.AsFault(err)
	switch {
	case fault == nil:
		return err
	case fault.Code == http.StatusNotFound:
		return api.NotFound("Image not found.")
	case fault.Code == http.StatusForbidden, fault.Code == http.StatusBadRequest:
		return fault
	}
	return api.BadRequest("%s", fault.Message)
}

// imagePage is the page of images that the query asks for.
func (s *Service) imagePage(c *api.Call) (page api.Page[ProxiedImage], err error) {
	q := api.Query[imageListQuery](c)
	params := url.Values{"sort": {"created_at:desc,id:desc"}}
	for name, values := range c.Request.URL.Query() {
		value := values[len(values)-1]
		property, isProperty := strings.CutPrefix(name, "property-")
		switch to := imageFilters[name]; {
		case isProperty:
			params.Set(property, value)
		case name == "changes-since":
			params.Set(to, "gte:"+value)
		case name == "status":
			params.Set(to, strings.ToLower(value))
		case name == "server":
			params.Set(to, value[strings.LastIndexByte(value, '/')+1:])
		case to != "":
			params.Set(to, value)
		}
	}
	if q.Marker != "" {
		params.Set("marker", q.Marker)
	}
	all, err := s.Images.List(c.Context(), c.Identity, params)
	if err != nil {
		return page, refusedImage(err)
	}
	return api.Paged(c, all, api.Paging{Limit: q.Limit}, maxLimit, func(i ProxiedImage) string { return i.ID })
}

func (s *Service) listImages(c *api.Call) (api.Page[imageBrief], error) {
	page, err := s.imagePage(c)
	brief := api.Page[imageBrief]{Next: page.Next, Items: []imageBrief{}}
	for _, i := range page.Items {
		brief.Items = append(brief.Items, i.brief(c))
	}
	return brief, err
}

func (s *Service) listImagesInDetail(c *api.Call) (api.Page[imageDetail], error) {
	page, err := s.imagePage(c)
	whole := api.Page[imageDetail]{Next: page.Next, Items: []imageDetail{}}
	for _, i := range page.Items {
		whole.Items = append(whole.Items, i.detail(c))
	}
	return whole, err
}

func (s *Service) showImage(c *api.Call) (imageDetail, error) {
	i, err := s.Images.Show(c.Context(), c.Identity, c.Var("id"))
	if err != nil {
		return imageDetail{}, refusedImage(err)
	}
	return i.detail(c), nil
}

func (s *Service) deleteImage(c *api.Call) error {
	err := refusedImage(s.Images.Delete(c.Context(), c.Identity, c.Var("id")))
	if fault := api.AsFault(err); fault != nil && fault.Code == http.StatusForbidden {
		return api.Forbidden("You are not allowed to delete the image.")
	}
	return err
}

func (i *ProxiedImage) brief(c *api.Call) imageBrief {
	links := []imageLink{}
	for _, l := range c.Links(c.InProject("/images/" + i.ID)) {
		links = append(links, imageLink{Href: l.Href, Rel: l.Rel})
	}
	return imageBrief{ID: i.ID, Name: i.Name, Links: append(links, imageLink{
		Href: c.Base() + "/image/images/" + i.ID, Rel: "alternate", Type: "application/vnd.openstack.image",
	})}
}

func (i *ProxiedImage) detail(c *api.Call) imageDetail {
	state := imageStates[i.Status]
	detail := imageDetail{
		imageBrief: i.brief(c), MinRAM: i.MinRAM, MinDisk: i.MinDisk, Metadata: i.Properties,
		Created: api.Time{Time: i.Created}, Updated: api.Time{Time: i.Updated},
		Status: cmp.Or(state.status, "UNKNOWN"), Progress: state.progress, Size: i.Size,
	}
	if id, made := i.Properties["instance_uuid"]; made {
		detail.Server = &imageServer{ID: id, Links: c.Links(c.InProject("/servers/" + id))}
	}
	if auto, said := i.Properties["auto_disk_config"]; said {
		detail.DiskConfig = "MANUAL"
		if truth(auto) {
			detail.DiskConfig = "AUTO"
		}
	}
	return detail
}
