// SPDX-License-Identifier: MPL-2.0

package api

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// spaceXML has a deviation of each kind.
func spaceXML() *XML {
	return &XML{
		Namespaces: map[string]string{"ext": "urn:ext"},
		Read:       map[string]string{"urn:ext-of-old": "ext"},
		Roots:      map[string]string{"bare": "reservation"},
		Forms: map[string]Form{
			"rocket":      {Namespace: "urn:space", Members: map[string]string{"old_name": "@oldName", "note": "note", "secret": "-"}},
			"/rocket":     {Namespace: "urn:space", Members: map[string]string{"old_name": "@oldName", "note": "note", "secret": "-"}, Present: []string{"crew"}},
			"file":        {Members: map[string]string{"contents": "."}},
			"files":       {Item: "file"},
			"meta":        {Item: "m", Key: "key"},
			"limits":      {Item: "limit", Key: "name", Value: "value"},
			"zones":       {Item: "zone", Key: "name", Within: "state"},
			"flat":        {Flat: true, Item: "one"},
			"plain":       {Scalars: Elements},
			"reservation": {Name: "rocket"},
			"moons:plain": {Scalars: Attributes},
		},
		Fault: Form{Namespace: "urn:space", Members: map[string]string{"message": "message"}},
	}
}

// TestXMLEncode holds each rule and each deviation against a document.
func TestXMLEncode(t *testing.T) {
	t.Parallel()
	const atom = ` xmlns:atom="http://www.w3.org/2005/Atom"`
	for _, x := range []struct{ name, operation, answer, want string }{
		{"scalars", "GET /x", `{"thing": {"a": "b", "n": 1.50, "t": true, "z": null}}`, `<thing a="b" n="1.50" t="True" z="None"/>`},
		{"order", "GET /x", `{"thing": {"z": "1", "a": "2"}}`, `<thing z="1" a="2"/>`},
		{"objects and lists", "GET /x", `{"thing": {"part": {"a": 1}, "boxes": [{"b": 1}, {"b": 2}], "cities": ["x"], "data": [1]}}`,
			`<thing><part a="1"/><boxes><boxe b="1"/><boxe b="2"/></boxes><cities><city>x</city></cities><data><item>1</item></data></thing>`},
		{"a list at the root", "GET /x", `{"rockets": [{"id": "a"}]}`, `<rockets><rocket id="a"/></rockets>`},
		{"wrapped items", "GET /x", `{"things": [{"thing": {"a": 1}}]}`, `<things><thing a="1"/></things>`},
		{"text at the root", "GET /x", `{"output": "a<b\n"}`, `<output>a&lt;b&#xA;</output>`},
		{"links", "GET /x", `{"things": [{"links": [{"href": "h", "rel": "r"}]}], "things_links": [{"href": "n", "rel": "next"}]}`,
			`<things` + atom + `><thing><atom:link href="h" rel="r"/></thing><atom:link href="n" rel="next"/></things>`},
		{"prefixes", "GET /x", `{"thing": {"ext:a": 1, "hw:b": 2}}`, `<thing xmlns:ext="urn:ext" xmlns:hw="hw" ext:a="1" hw:b="2"/>`},
		{"no XML names", "GET /x", `{"thing": {"a b": 1, "1": 2, "xmlns:a": 3, "a:b:c": 4, "": 5}}`,
			`<thing><item key="a b">1</item><item key="1">2</item><item key="xmlns:a">3</item><item key="a:b:c">4</item><item key="">5</item></thing>`},
		{"characters that XML cannot hold", "GET /x", `{"thing": {"a": "\u0001\u001b<&\"é\ud83d\ude80"}}`, `<thing a="��&lt;&amp;&#34;é🚀"/>`},
		{"an own namespace", "GET /x", `{"rocket": {"old_name": "n", "note": "w", "secret": "s", "crew": []}}`,
			`<rocket xmlns="urn:space" oldName="n"><note>w</note><crew/></rocket>`},
		{"always there", "GET /x", `{"rocket": {}}`, `<rocket xmlns="urn:space"><crew/></rocket>`},
		{"text and attributes", "GET /x", `{"thing": {"files": [{"path": "/a", "contents": "b"}]}}`, `<thing><files><file path="/a">b</file></files></thing>`},
		{"maps", "GET /x", `{"thing": {"meta": {"a b": "c"}, "limits": {"x": 1}, "zones": {"z": {"up": true}}}}`,
			`<thing><meta><m key="a b">c</m></meta><limits><limit name="x" value="1"/></limits><zones><zone name="z"><state up="True"/></zone></zones></thing>`},
		{"no map", "GET /x", `{"thing": {"meta": null}}`, `<thing/>`},
		{"flat", "GET /x", `{"thing": {"flat": [1, 2]}}`, `<thing><one>1</one><one>2</one></thing>`},
		{"elements, and below", "GET /x", `{"plain": {"a": 1, "in": {"b": null}}}`, `<plain><a>1</a><in><b>None</b></in></plain>`},
		{"by collection", "GET /moons/{id}", `{"plain": {"a": 1}}`, `<plain a="1"/>`},
		{"without a root", "GET /moons/{id}/phase", `{"a": 1, "b": 2}`, `<phase a="1" b="2"/>`},
		{"with another root", "GET /x", `{"bare": "b"}`, `<rocket bare="b"/>`},
	} {
		got, err := spaceXML().Encode(x.operation, []byte(x.answer))
		_, body, _ := strings.Cut(string(got), "?>\n")
		if err != nil || body != x.want {
			t.Errorf("%s: %v\n got %s\nwant %s", x.name, err, body, x.want)
		}
	}
}

// manifest is a request with all that XML has a form for.
type manifest struct {
	Name    string              `json:"name" need:"2.1-"`
	OldName string              `json:"old_name"`
	Stages  int                 `json:"stages"`
	Thrust  Opt[Natural]        `json:"thrust"`
	Ready   bool                `json:"ready"`
	Mass    float64             `json:"mass"`
	Notes   []string            `json:"notes"`
	Files   []cargo             `json:"files"`
	Meta    map[string]string   `json:"meta"`
	Crew    WordOr[[]string]    `json:"crew" oneof:"none"`
	Pad     *cargo              `json:"pad"`
	Ext     string              `json:"ext:mode"`
	Any     any                 `json:"any"`
	Many    map[string][]string `json:"many"`
}

type cargo struct {
	Path     string `json:"path"`
	Contents string `json:"contents"`
}

type launchBody struct {
	Rocket manifest          `json:"rocket" need:"2.1-"`
	Hints  map[string]string `json:"ext:hints"`
}

func TestXMLDecode(t *testing.T) {
	t.Parallel()
	x, types := spaceXML(), &planner{}
	route := Post("/rockets", "", func(*Call, *launchBody) (None, error) { return None{}, nil })
	read := func(document string) (*launchBody, error) {
		root, err := x.parseXML([]byte(document))
		if err != nil {
			return nil, err
		}
		r := xmlReader{XML: x, types: types, version: 1, collection: "rockets"}
		in, err := types.decodeBody(&route, 1, tolerance{true, true}, r.body(&route, root))
		if err != nil {
			return nil, err
		}
		return in.(*launchBody), nil
	}
	whole := manifest{
		Name: "é <&> x", OldName: "o", Stages: 3, Thrust: Some(Natural(7)), Ready: true, Mass: 1.5, Notes: []string{"a", " b "},
		Files: []cargo{{"/etc/x", "QUI="}}, Meta: map[string]string{"a b": "c", "d": ""}, Crew: WordOr[[]string]{Word: "none", Set: true},
		Pad: &cargo{Path: "p"}, Ext: "fast", Any: map[string]any{"b": "1", "c": []any{"2", "3"}},
		Many: map[string][]string{"k": {"v", "w"}},
	}
	for name, document := range map[string]string{
		"attributes": `<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment --><rocket xmlns="urn:space" xmlns:e="urn:ext" name="é &lt;&amp;&gt; &#120;" oldName="o" stages="3" thrust="7" ready="true" mass="1.5"
 e:mode="fast" crew="none" unknown="passed over"><notes><note>a</note><note> b </note></notes><files><file path="/etc/x">QUI=</file></files>
 <meta><m key="a b">c</m><m key="d"/></meta><pad path="p"/><any b="1"><c>2</c><c>3</c></any><many><k><i>v</i><i>w</i></k></many>
 <e:hints><near>x</near></e:hints></rocket>`,
		"elements": `<rocket><name><![CDATA[é <&> x]]></name><oldName>o</oldName><stages> 3 </stages><thrust>7</thrust><ready>True</ready><mass>1.5</mass>
<notes><x>a</x><y> b </y></notes><files><any><path>/etc/x</path><contents>QUI=</contents></any></files><meta><item key="a b">c</item><d/></meta>
<crew>none</crew><pad><path>p</path></pad><mode xmlns="urn:ext-of-old">fast</mode><any><b>1</b><c>2</c><c>3</c></any>
<many><item key="k"><i>v</i><i>w</i></item></many><ext:hints><near>x</near></ext:hints></rocket>`,
	} {
		got, err := read(document)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got.Rocket, whole) {
			t.Errorf("%s:\n got %+v\nwant %+v", name, got.Rocket, whole)
		}
		if got.Hints["near"] != "x" {
			t.Errorf("%s: what belongs beside the root: %v", name, got.Hints)
		}
	}
	for name, document := range map[string]string{
		"the documents' namespace by a prefix":              `<s:rocket xmlns:s="urn:space" s:stages="3"><s:name>x</s:name></s:rocket>`,
		"the documents' namespace by a prefix, and without": `<rocket xmlns="urn:space" xmlns:s="urn:space" stages="3"><s:name>x</s:name></rocket>`,
		"a byte order mark":                                 "\ufeff" + `<rocket name="x" stages="3"/>`,
	} {
		if got, err := read(document); err != nil || got.Rocket.Name != "x" || got.Rocket.Stages != 3 {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	if _, err := read(`<moon name="x"/>`); AsFault(err) == nil || AsFault(err).Message != "'rocket' is a required property" {
		t.Errorf("another root: %v", err)
	}
}

// What could harm is refused, and what is no document.
func TestXMLRefused(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"a document type":    `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`,
		"an external entity": `<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>`,
		"an unknown entity":  `<a>&b;</a>`,
		"too deep":           strings.Repeat("<a>", maxXMLDepth+1) + strings.Repeat("</a>", maxXMLDepth+1),
		"a thing twice":      `<a b="1" b="2"/>`,
		"two roots":          `<a/><b/>`,
		"text after":         `<a/>b`,
		"text before":        `b<a/>`,
		"no end":             `<a>`,
		"another end":        `<a></b>`,
		"no document":        ` `,
		"JSON":               `{"a": 1}`,
		"a control":          "<a>\x01</a>",
		"a reference to one": "<a>&#1;</a>",
		"no UTF-8":           "<a>\xff</a>",
		"another encoding":   `<?xml version="1.0" encoding="UTF-7"?><a/>`,
		"many attributes":    "<a" + strings.Repeat(` b="1"`, maxXMLAttributes+1) + "/>",
	} {
		if root, err := spaceXML().parseXML([]byte(document)); err == nil {
			t.Errorf("%s: read as %+v", name, root)
		}
	}
	deep := strings.Repeat("<a>", maxXMLDepth) + strings.Repeat("</a>", maxXMLDepth)
	if _, err := spaceXML().parseXML([]byte(deep)); err != nil {
		t.Errorf("not too deep: %v", err)
	}
}

// TestMedia holds which notation an exchange has.
func TestMedia(t *testing.T) {
	t.Parallel()
	service := spaceService()
	service.XML = spaceXML()
	handler := service.Handler()
	const object, document = `{"rocket":{"name":"x","stages":"3"}}`, `<rocket name="x" stages="3"/>`
	for _, x := range []struct {
		name, request, accept, kind, body string
		status                            int
		answered                          string
	}{
		{"JSON unless asked", "GET /compute/v2/rockets", "", "", "", 200, "application/json"},
		{"anything", "GET /compute/v2/rockets", "*/*", "", "", 200, "application/json"},
		{"XML", "GET /compute/v2/rockets", "application/xml", "", "", 200, "application/xml"},
		{"by its long name", "GET /compute/v2/rockets", "application/vnd.openstack.compute+xml;version=2", "", "", 200, "application/vnd.openstack.compute+xml"},
		{"JSON by its long name", "GET /compute/v2/rockets", "application/vnd.openstack.compute+json;version=2", "", "", 200, "application/vnd.openstack.compute+json"},
		{"rather", "GET /compute/v2/rockets", "application/json;q=0.4, application/xml; q=0.5", "", "", 200, "application/xml"},
		{"a browser", "GET /compute/v2/rockets", "text/html,application/xml;q=0.9,*/*;q=0.8", "", "", 200, "application/xml"},
		{"not at all", "GET /compute/v2/rockets", "application/json;q=0, application/*", "", "", 200, "application/vnd.openstack.compute+json"},
		{"unknown", "GET /compute/v2/rockets", "image/png", "", "", 200, "application/json"},
		{"Atom where there is none", "GET /compute/v2/rockets", "application/atom+xml", "", "", 200, "application/json"},
		{"suffix", "GET /compute/v2/rockets.xml", "", "", "", 200, "application/xml"},
		{"suffix before a query", "GET /compute/v2/" + project + "/rockets.xml?limit=1", "application/json", "", "", 200, "application/xml"},
		{"suffix of JSON", "GET /compute/v2/rockets/best.json", "application/xml", "", "", 200, "application/json"},
		{"no suffix in the new API", "GET /compute/v2.1/rockets.xml", "", "", "", 404, "application/json"},
		{"no XML in the new API", "GET /compute/v2.1/rockets", "application/xml", "", "", 200, "application/json"},
		{"the service's root", "GET /compute/", "application/xml", "", "", 200, "application/xml"},
		{"fault", "GET /compute/v2/rockets/x.xml", "", "", "", 404, "application/xml"},
		{"fault of no path", "GET /compute/v2/moons.xml", "", "", "", 404, "application/xml"},
		{"body in XML", "POST /compute/v2/rockets", "", "application/xml; charset=UTF-8", document, 200, "application/json"},
		{"both in XML", "POST /compute/v2/rockets.xml", "", "application/vnd.openstack.compute+xml", document, 200, "application/xml"},
		{"body in JSON", "POST /compute/v2/rockets", "application/xml", "application/vnd.openstack.compute+json", object, 200, "application/xml"},
		{"malformed", "POST /compute/v2/rockets", "application/xml", "application/xml", object, 400, "application/xml"},
		{"body of no type that we read", "POST /compute/v2/rockets", "application/xml", "text/xml", document, 415, "application/xml"},
		{"body in Atom", "POST /compute/v2/rockets", "", "application/atom+xml", document, 415, "application/json"},
		{"body in XML in the new API", "POST /compute/v2.1/rockets", "", "application/xml", document, 415, "application/json"},
		{"the same by its long name", "POST /compute/v2.1/rockets", "", "application/vnd.openstack.compute+xml", document, 415, "application/json"},
		{"numbers are no text in the new API", "POST /compute/v2.1/rockets", "", "application/json", `{"rocket":{"name":"x","old":"true"}}`, 400, "application/json"},
		{"but in the old", "POST /compute/v2/rockets", "", "application/json", `{"rocket":{"name":"x","old":"true"}}`, 200, "application/json"},
		{"an action", "POST /compute/v2/rockets/best/action", "", "application/xml", `<launch/>`, 202, ""},
	} {
		method, path, _ := strings.Cut(x.request, " ")
		r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(x.body))
		r.Header.Set("X-Auth-Token", "anna")
		for key, value := range map[string]string{"Accept": x.accept, "Content-Type": x.kind} {
			if value != "" {
				r.Header.Set(key, value)
			}
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Type"); w.Code != x.status || got != x.answered {
			t.Errorf("%s: %d %q, want %d %q: %s", x.name, w.Code, got, x.status, x.answered, w.Body)
		}
		if strings.HasSuffix(x.answered, "xml") != strings.HasPrefix(w.Body.String(), "<?xml") {
			t.Errorf("%s: %s", x.name, w.Body)
		}
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/compute/v2/rockets.xml", nil))
	want := `<unauthorized xmlns="urn:space" code="401"><message>The request you have made requires authentication.</message></unauthorized>`
	if !strings.HasSuffix(w.Body.String(), "\n"+want) {
		t.Errorf("without a token: %s", w.Body)
	}
}

// FuzzXML gives the decoder any document: it reads it or says what is wrong, and what it read can be written.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		`<thing text="abc" whole="7"/>`, `<thing><text>abc</text><things><t uuid="x"/></things><map><a key="b">c</a></map></thing>`,
		`<!DOCTYPE a [<!ENTITY b "c">]><thing>&b;</thing>`, `<a:thing xmlns:a="urn:ext" a:any="1"/>`, `<thing><any><b/><b>1</b></any></thing>`, `<launch/>`,
		`<thing xmlns="urn:ext"><![CDATA[]]]]><![CDATA[>]]></thing>`, `<?xml version="1.0"?><meta key="&#233;">&#128640;</meta>`,
	} {
		f.Add(seed)
	}
	x, types := spaceXML(), &planner{}
	types.check(reflect.TypeFor[everything]())
	f.Fuzz(func(t *testing.T, document string) {
		root, err := x.parseXML([]byte(document))
		if err != nil {
			return
		}
		r := xmlReader{XML: x, types: types, version: 4, collection: "things"}
		for _, name := range []string{"thing", ""} {
			route := &Route{name: name, in: reflect.TypeFor[everything]()}
			_, err := types.decodeBody(route, 4, tolerance{true, true}, r.body(route, root))
			if fault := AsFault(err); err != nil && (fault == nil || fault.Code != http.StatusBadRequest) {
				t.Errorf("%s: %v", document, err)
			}
		}
		raw, err := json.Marshal(map[string]any{root.name: r.generic(root)})
		if err != nil {
			t.Fatal(err)
		}
		written, err := x.Encode("GET /things", raw)
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		if err := wellFormed(written); err != nil {
			t.Errorf("%s: %v: %s", document, err, written)
		}
	})
}

func wellFormed(document []byte) error {
	decoder := xml.NewDecoder(strings.NewReader(string(document)))
	for {
		if _, err := decoder.Token(); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
	}
}

func BenchmarkXML(b *testing.B) {
	x := spaceXML()
	answer := []byte(`{"rockets": [` + strings.Repeat(`{"id": "a", "name": "one", "meta": {"a": "b"}, "links": [{"href": "h", "rel": "self"}]},`, 99) + `{"id": "z"}]}`)
	for b.Loop() {
		if _, err := x.Encode("GET /rockets", answer); err != nil {
			b.Fatal(err)
		}
	}
}
