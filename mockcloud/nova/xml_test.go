// SPDX-License-Identifier: MPL-2.0

package nova_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/cloudtest"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/nova"
)

// xmlServer is a server as clients of API v2 declared it.
type xmlServer struct {
	XMLName   xml.Name   `xml:"http://docs.openstack.org/compute/api/v1.1 server"`
	ID        string     `xml:"id,attr,omitempty"`
	Name      string     `xml:"name,attr,omitempty"`
	Image     string     `xml:"imageRef,attr,omitempty"`
	Flavor    string     `xml:"flavorRef,attr,omitempty"`
	AdminPass string     `xml:"adminPass,attr,omitempty"`
	MinCount  int        `xml:"min_count,attr,omitempty"`
	Status    string     `xml:"status,attr,omitempty"`
	TenantID  string     `xml:"tenantId,attr,omitempty"`
	TaskState string     `xml:"http://docs.openstack.org/compute/ext/extended_status/api/v1.1 task_state,attr,omitempty"`
	Metadata  *xmlMeta   `xml:"metadata"`
	Files     []xmlFile  `xml:"personality>file"`
	Networks  []xmlNet   `xml:"networks>network"`
	Addresses []xmlAddrs `xml:"addresses>network"`
	Hints     *xmlHints
	Links     []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"http://www.w3.org/2005/Atom link"`
}

type xmlMeta struct {
	XMLName xml.Name  `xml:"metadata"`
	Items   []xmlItem `xml:"meta"`
}

type xmlItem struct {
	XMLName xml.Name `xml:"meta"`
	Key     string   `xml:"key,attr"`
	Value   string   `xml:",chardata"`
}

type xmlFile struct {
	Path     string `xml:"path,attr"`
	Contents string `xml:",chardata"`
}

type xmlNet struct {
	UUID string `xml:"uuid,attr"`
}

type xmlAddrs struct {
	ID  string `xml:"id,attr"`
	IPs []struct {
		Version int    `xml:"version,attr"`
		Addr    string `xml:"addr,attr"`
	} `xml:"ip"`
}

type xmlHints struct {
	XMLName xml.Name `xml:"http://docs.openstack.org/compute/ext/scheduler-hints/api/v2 scheduler_hints"`
	Hint    []string `xml:"near"`
}

type xmlServers struct {
	XMLName xml.Name    `xml:"http://docs.openstack.org/compute/api/v1.1 servers"`
	Servers []xmlServer `xml:"http://docs.openstack.org/compute/api/v1.1 server"`
}

type xmlFault struct {
	XMLName xml.Name
	Code    int    `xml:"code,attr"`
	Message string `xml:"message"`
}

// xml makes a request of a legacy mount in XML; what is answered is read into the last argument, unless that is nil.
func (u *user) xml(t *testing.T, method, path string, status int, body, into any) *answer {
	t.Helper()
	var content io.Reader
	switch body := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(body)
	default:
		raw, err := xml.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, u.cloud.URL+"/compute"+path, content)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Auth-Token", u.token)
	request.Header.Set("Accept", "application/xml")
	request.Header.Set("Content-Type", "application/xml")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != status {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, response.StatusCode, status, raw)
	}
	if into != nil {
		same(t, "type", response.Header.Get("Content-Type"), "application/xml")
		if err := xml.Unmarshal(raw, into); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
	return &answer{status: response.StatusCode, header: response.Header, body: raw}
}

// untilXML waits for a server by its XML.
func (u *user) untilXML(t *testing.T, path, status string) xmlServer {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		var server xmlServer
		u.xml(t, http.MethodGet, path, http.StatusOK, nil, &server)
		if server.Status == status && server.TaskState == "None" {
			return server
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("the server is %s, want %s", server.Status, status)
		}
	}
}

// TestXMLRoundTrip is a server's life in XML alone.
func TestXMLRoundTrip(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	for _, mount := range []string{"/v2", "/v1.1"} {
		cloud.demo.liveInXML(t, mount)
	}
}

func (u *user) liveInXML(t *testing.T, mount string) {
	t.Helper()
	servers := mount + "/" + u.project + "/servers"
	odd := "Ünïcödé <&\"'> 🚀\ttab"
	near := u.boot(t, "near", nil)
	var made xmlServer
	u.xml(t, http.MethodPost, servers, http.StatusAccepted, xmlServer{
		Name: odd[:strings.Index(odd, "\t")], Image: u.cloud.URL + "/images/" + u.cloud.image, Flavor: u.cloud.flavor, MinCount: 1,
		Metadata: &xmlMeta{Items: []xmlItem{{Key: "Server Name", Value: odd}, {Key: "empty"}}},
		Files:    []xmlFile{{"/etc/motd", "\n  SGVs\n  bG8=\n"}}, Networks: []xmlNet{{u.cloud.network}}, Hints: &xmlHints{Hint: []string{near}},
	}, &made)
	path := servers + "/" + made.ID
	if made.AdminPass == "" || len(made.Links) != 2 || !strings.Contains(made.Links[0].Href, "/compute"+mount+"/") {
		t.Errorf("created: %+v", made)
	}
	server := u.untilXML(t, path, "ACTIVE")
	same(t, "name", server.Name, odd[:strings.Index(odd, "\t")])
	same(t, "project", server.TenantID, u.project)
	if len(server.Addresses) != 1 || server.Addresses[0].ID != "private" || server.Addresses[0].IPs[0].Version != 4 {
		t.Errorf("addresses: %+v", server.Addresses)
	}
	var list, detail xmlServers
	u.xml(t, http.MethodGet, servers, http.StatusOK, nil, &list)
	u.xml(t, http.MethodGet, servers+"/detail.xml?name=nic", http.StatusOK, nil, &detail)
	if len(list.Servers) != 2 || list.Servers[0].ID != made.ID || len(detail.Servers) != 0 {
		t.Errorf("listed: %+v, %+v", list, detail)
	}
	u.metadataInXML(t, path, odd)
	u.actInXML(t, path)
	u.xml(t, http.MethodDelete, path, http.StatusNoContent, nil, nil)
	u.gone(t, made.ID)
	var fault xmlFault
	u.xml(t, http.MethodGet, path, http.StatusNotFound, nil, &fault)
	same(t, "fault", fault, xmlFault{
		XMLName: xml.Name{Space: "http://docs.openstack.org/compute/api/v1.1", Local: "itemNotFound"}, Code: http.StatusNotFound,
		Message: "Instance " + made.ID + " could not be found.",
	})
	u.nova(t, 1, http.MethodDelete, "/servers/"+near, nil).object(t, http.StatusNoContent)
	u.gone(t, near)
}

// metadataInXML changes a server's metadata.
func (u *user) metadataInXML(t *testing.T, path, odd string) {
	t.Helper()
	var item xmlItem
	u.xml(t, http.MethodGet, path+"/metadata/Server%20Name", http.StatusOK, nil, &item)
	same(t, "an item", item.Value, odd)
	u.xml(t, http.MethodPut, path+"/metadata/new", http.StatusOK, xmlItem{Key: "new", Value: "]]>"}, &item)
	same(t, "a new item", item.Value, "]]>")
	var all xmlMeta
	u.xml(t, http.MethodGet, path+"/metadata.xml", http.StatusOK, nil, &all)
	same(t, "items", len(all.Items), 3)
	u.xml(t, http.MethodPut, path+"/metadata", http.StatusOK, `<metadata><meta key="a"><![CDATA[<b>]]></meta></metadata>`, &all)
	u.xml(t, http.MethodPost, path+"/metadata", http.StatusOK, xmlMeta{Items: []xmlItem{{Key: "c", Value: "d"}}}, nil)
	all = xmlMeta{}
	u.xml(t, http.MethodGet, path+"/metadata", http.StatusOK, nil, &all)
	if len(all.Items) != 2 || all.Items[0].Value != "<b>" || all.Items[1].Value != "d" {
		t.Errorf("metadata: %+v", all)
	}
}

// actInXML reboots a server, resizes it, and makes an image of it.
func (u *user) actInXML(t *testing.T, path string) {
	t.Helper()
	u.xml(t, http.MethodPost, path+"/action", http.StatusAccepted, `<reboot xmlns="http://docs.openstack.org/compute/api/v1.1" type="HARD"/>`, nil)
	u.untilXML(t, path, "ACTIVE")
	u.xml(t, http.MethodPost, path+"/action", http.StatusAccepted, `<resize flavorRef="84" auto_disk_config="AUTO"/>`, nil)
	u.untilXML(t, path, "VERIFY_RESIZE")
	u.xml(t, http.MethodPost, path+"/action", http.StatusNoContent, `<confirmResize/>`, nil)
	u.untilXML(t, path, "ACTIVE")
	made := u.xml(t, http.MethodPost, path+"/action", http.StatusAccepted, `<createImage name="snap"><metadata><meta key="k">v</meta></metadata></createImage>`, nil)
	u.untilXML(t, path, "ACTIVE")
	location := made.header.Get("Location")
	var image struct {
		Name     string   `xml:"name,attr"`
		Metadata *xmlMeta `xml:"metadata"`
	}
	project := strings.Split(path, "/servers/")[0]
	u.xml(t, http.MethodGet, project+"/images/"+location[strings.LastIndexByte(location, '/')+1:], http.StatusOK, nil, &image)
	same(t, "image", image.Name, "snap")
	if !strings.Contains(string(mustXML(t, image.Metadata)), `key="k">v<`) {
		t.Errorf("the image's metadata: %+v", image.Metadata)
	}
	var fault xmlFault
	u.xml(t, http.MethodPost, path+"/action", http.StatusBadRequest, `<fly/>`, &fault)
	same(t, "no action", fault.Message, "There is no such action: fly")
	u.xml(t, http.MethodPost, path+"/action", http.StatusBadRequest, `<!DOCTYPE reboot [<!ENTITY a "HARD">]><reboot type="&a;"/>`, &fault)
	same(t, "an entity", fault.Message, "Malformed request body")
}

func mustXML(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := xml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// The version documents are in XML and Atom, too; those of v1.1 are v2's at another place.
func TestXMLVersions(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	type version struct {
		ID     string `xml:"id,attr"`
		Status string `xml:"status,attr"`
		Types  []struct {
			Base string `xml:"base,attr"`
		} `xml:"media-types>media-type"`
		Links []struct {
			Rel  string `xml:"rel,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/2005/Atom link"`
	}
	var all struct {
		XMLName  xml.Name  `xml:"http://docs.openstack.org/common/api/v1.0 versions"`
		Versions []version `xml:"version"`
	}
	cloud.demo.xml(t, http.MethodGet, "/", http.StatusOK, nil, &all)
	if len(all.Versions) != 2 || all.Versions[0].ID != "v2.0" || len(all.Versions[1].Links) != 1 {
		t.Errorf("versions: %+v", all)
	}
	for _, mount := range []string{"/v2", "/v2/", "/v1.1/"} {
		var one version
		cloud.demo.xml(t, http.MethodGet, mount, http.StatusOK, nil, &one)
		if one.ID != "v2.0" || len(one.Types) != 2 || one.Links[0].Href != cloud.URL+"/compute"+strings.TrimSuffix(mount, "/")+"/" {
			t.Errorf("%s: %+v", mount, one)
		}
		got := cloud.demo.send(t, http.MethodGet, cloud.URL+"/compute"+mount, http.Header{"Accept": {"application/atom+xml"}}, nil)
		var feed struct {
			XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
			Title   string   `xml:"title"`
			Entries []struct {
				ID    string `xml:"id"`
				Title string `xml:"title"`
			} `xml:"entry"`
		}
		if err := xml.Unmarshal(got.body, &feed); err != nil || got.header.Get("Content-Type") != "application/atom+xml" {
			t.Fatalf("%s in Atom: %v: %s", mount, err, got.body)
		}
		if feed.Title != "About This Version" || len(feed.Entries) != 1 || feed.Entries[0].ID != one.Links[0].Href || feed.Entries[0].Title != "Version v2.0" {
			t.Errorf("%s in Atom: %+v", mount, feed)
		}
	}
}

// Kilo had no XML any more.
func TestNoXMLInReleases(t *testing.T) {
	t.Parallel()
	kilo, err := nova.FindRelease("kilo")
	if err != nil {
		t.Fatal(err)
	}
	cloud := start(t, cloudtest.With(func(o *mockcloud.Options) { o.Release = kilo.Name }))
	below := "/v2/" + cloud.demo.project
	got := cloud.demo.send(t, http.MethodGet, cloud.URL+"/compute"+below+"/flavors", http.Header{"Accept": {"application/xml"}}, nil)
	same(t, "type", got.header.Get("Content-Type"), "application/json")
	cloud.demo.xml(t, http.MethodPost, below+"/os-keypairs", http.StatusUnsupportedMediaType, `<keypair name="x"/>`, nil)
}

// A fault has its code and its wait beside its message.
func TestXMLOverLimit(t *testing.T) {
	t.Parallel()
	cloud, _ := limited(t, `(PUT, "*", .*, 1, HOUR)`)
	server := `<server name="x"/>`
	cloud.demo.xml(t, http.MethodPut, "/v2/servers/none", http.StatusNotFound, server, nil)
	var fault struct {
		XMLName xml.Name `xml:"http://docs.openstack.org/compute/api/v1.1 overLimit"`
		Code    int      `xml:"code,attr"`
		Retry   int      `xml:"retryAfter,attr"`
		Message string   `xml:"message"`
		Details string   `xml:"details"`
	}
	got := cloud.demo.xml(t, http.MethodPut, "/v2/servers/none", http.StatusRequestEntityTooLarge, server, &fault)
	if fault.Code != http.StatusRequestEntityTooLarge || fault.Retry != 3600 || fault.Message == "" || fault.Details == "" {
		t.Errorf("over the limit: %s", got.body)
	}
}

// What the legacy API takes, and the later one does not.
func TestLegacyTolerance(t *testing.T) {
	t.Parallel()
	cloud := start(t)
	server := object{"server": object{
		"name": "loose", "flavorRef": 42, "imageRef": "http://glance.example/v1/images/" + cloud.image, "min_count": "1", "config_drive": "true",
		"key_name": nil, "user_data": nil, "networks": []object{{"uuid": cloud.network}}, "later": object{"any": "thing"},
	}, "beside": 1}
	legacy := cloud.URL + "/compute/v2/" + cloud.demo.project
	id := text(t, cloud.demo.send(t, http.MethodPost, legacy+"/servers?unknown=1", nil, server).object(t, http.StatusAccepted), "server", "id")
	cloud.demo.settled(t, id)
	same(t, "rescued by the image's URL", cloud.demo.send(t, http.MethodPost, legacy+"/servers/"+id+"/action", nil,
		object{"rescue": object{"rescue_image_ref": "http://x/images/" + cloud.image, "more": true}}).status, http.StatusOK)
	cloud.demo.nova(t, 1, http.MethodPost, "/servers", server).refused(t, http.StatusBadRequest, "…")
	cloud.admin.send(t, http.MethodPost, cloud.URL+"/compute/v2/flavors", nil, object{"flavor": object{
		"name": "texts", "ram": "64", "vcpus": "1", "disk": "1", "rxtx_factor": "1.5", "os-flavor-access:is_public": "false", "swap": "0",
	}}).object(t, http.StatusOK)
}
