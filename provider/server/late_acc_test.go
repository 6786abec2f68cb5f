// SPDX-License-Identifier: MPL-2.0

package server_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/nova"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/wait"
)

// late is a server whose devices the second configuration does not know at plan, or not all of them. Capitals are ids
// (N networks, P ports, V volumes of the server's own), and late.X is one that is known only after apply.
type late struct {
	name        string
	first, then string
	kept, all   int // the devices that stay, and those that there are in the end
}

var lateNetworks = []late{
	{"same", `{ uuid = N1 }, { uuid = N2 }`, `{ uuid = N1 }, { uuid = late.N2 }`, 2, 2},
	{"swapped", `{ uuid = N1 }, { uuid = N2 }`, `{ uuid = N2 }, { uuid = late.N1 }`, 2, 2},
	{"unknown", `{ uuid = N1 }, { uuid = N2 }`, `{ uuid = late.N2 }, { uuid = late.N1 }`, 2, 2},
	{"twins", `{ uuid = N1 }`, `{ uuid = late.N1 }, { uuid = N1 }`, 1, 2},
	{"turned", `{ uuid = N1 }, { uuid = N2 }, { uuid = N3 }`, `{ uuid = N2 }, late.network, { uuid = N1 }`, 3, 3},
	{"another", `{ uuid = N1 }, { uuid = N2 }`, `{ uuid = N2 }, late.network`, 1, 2},
	{"fewer", `{ uuid = N1 }, { uuid = N2 }, { uuid = N3 }`, `{ uuid = N3 }, { uuid = late.N1 }`, 2, 2},
	{"port", `{ port = P1 }, { uuid = N1 }`, `{ uuid = N1 }, { port = late.P1 }`, 2, 2},
	{"words", `{ port = P2 }, { uuid = N1 }`, `{ uuid = late.N3 }, { uuid = N1 }`, 2, 2},
	{"address", `{ uuid = N1, fixed_ip = "10.77.5.5" }, { uuid = N1 }`, `{ uuid = N1 }, { uuid = N1, fixed_ip = late.address }`, 2, 2},
	{"list", `{ uuid = N1 }, { uuid = N2 }`, `[for id in [late.N2, late.N1] : { uuid = id }]...`, 2, 2},
}

var lateVolumes = []late{
	{"swapped", `{ volume_id = V1 }, { volume_id = V2 }`, `{ volume_id = late.V2 }, { volume_id = V1 }`, 2, 2},
	{"turned", `{ volume_id = V1 }, { volume_id = V2 }, { volume_id = V3 }`, `{ volume_id = V2 }, { volume_id = late.V3 }, { volume_id = V1 }`, 3, 3},
	{"another", `{ volume_id = V1 }, { volume_id = V2 }`, `{ volume_id = V2 }, { volume_id = late.V3 }`, 1, 2},
	{"list", `{ volume_id = V1 }, { volume_id = V2 }`, `[for id in [late.V2, late.V1] : { volume_id = id }]...`, 2, 2},
}

// lateCloud is where the servers are, and what the capitals stand for.
type lateCloud struct {
	*acctest.Mock
	t      *testing.T
	shared map[string]string
	own    map[string]map[string]string // by server
}

var lateWord = regexp.MustCompile(`\b(late\.)?([NPV]\d|address|network)\b`)

// list is the attribute's list for a server.
func (c *lateCloud) list(server, text string) string {
	words := lateWord.ReplaceAllStringFunc("["+text+"]", func(word string) string {
		name, isLate := strings.CutPrefix(word, "late.")
		id, ok := c.own[server][name]
		if !ok {
			id, ok = c.shared[name]
		}
		switch {
		case isLate:
			return fmt.Sprintf("terraform_data.%s.output.%s", server, name)
		case ok:
			return fmt.Sprintf("%q", id)
		}
		return word
	})
	if list, is := strings.CutSuffix(words, "...]"); is {
		return strings.TrimPrefix(list, "[")
	}
	return words
}

// server is the configuration of one, and of what it depends on, whose output a round makes anew.
func (c *lateCloud) server(round int, name, attributes string) string {
	input := fmt.Sprintf("round = %d\n", round)
	for _, known := range []map[string]string{c.shared, c.own[name]} {
		for word, id := range known {
			input += fmt.Sprintf("    %s = %q\n", word, id)
		}
	}
	return fmt.Sprintf(`
resource "terraform_data" %[1]q {
  input = {
    %[2]s    network = { uuid = %[3]q }
  }
}

resource "nova_server" %[1]q {
  name      = %[1]q
  image_id  = %[4]q
  flavor_id = %[5]q
%[6]s
}
`, name, input, c.shared["N3"], c.Image(c.t), c.Flavor(c.t), attributes)
}

// apply applies the second configurations after the first, and checks which devices stay: id is what tells them apart.
func (c *lateCloud) apply(all []late, attribute, id, more string) {
	c.t.Helper()
	config := func(round int) (text string) {
		for _, one := range all {
			list := one.first
			if round > 1 {
				list = one.then
			}
			text += c.server(round, one.name, fmt.Sprintf("  %s = %s\n%s", attribute, c.list(one.name, list), more))
		}
		return text
	}
	tf := c.Terraform(c.t, wait.Hurried{Factor: 100}, config(1))
	tf.Run("apply", "-auto-approve", "-no-color")
	before := tf.Resources()
	tf.Write(config(2))
	tf.Run("apply", "-auto-approve", "-no-color")
	after := tf.Resources()
	for _, one := range all {
		was, is := before["nova_server."+one.name], after["nova_server."+one.name]
		had, has := idsOf(was[attribute], id), idsOf(is[attribute], id)
		kept := slices.DeleteFunc(slices.Clone(has), func(id string) bool { return !slices.Contains(had, id) })
		if was["id"] != is["id"] || len(kept) != one.kept || len(has) != one.all {
			c.t.Errorf("%s of %s: server %v had %v, and %v has %v", attribute, one.name, was["id"], had, is["id"], has)
		}
	}
	tf.Run("plan", "-detailed-exitcode", "-no-color")
}

func idsOf(list any, name string) (ids []string) {
	all, _ := list.([]any)
	for _, one := range all {
		object, _ := one.(map[string]any)
		id, _ := object[name].(string)
		ids = append(ids, id)
	}
	return ids
}

func lateOn(t *testing.T) *lateCloud {
	t.Helper()
	mock := acctest.NewMock(t)
	shared := map[string]string{"address": "10.77.5.5"}
	for _, name := range []string{"N1", "N2", "N3"} {
		shared[name] = mock.Net(t)
	}
	return &lateCloud{mock, t, shared, map[string]map[string]string{}}
}

// TestAccServerLateNetworks: what a plan foretells of interfaces holds, whatever comes to be known by the time that it is
// applied.
func TestAccServerLateNetworks(t *testing.T) {
	t.Parallel()
	c := lateOn(t)
	c.shared["P1"], c.shared["P2"] = c.Port(t, c.shared["N3"]), c.Port(t, c.shared["N3"])
	c.apply(lateNetworks, "networks", "port_id", "")
}

// TestAccServerLateNetworkMode: a mode that may turn out to replace the server is planned to.
func TestAccServerLateNetworkMode(t *testing.T) {
	t.Parallel()
	c := lateOn(t)
	config := func(round int, attribute string) string {
		return c.server(round, "moded", "  "+strings.ReplaceAll(attribute, "N1", quoted(c.shared["N1"])))
	}
	tf := c.Terraform(t, wait.Hurried{Factor: 100}, config(1, `networks = [{ uuid = N1 }]`))
	tf.Run("apply", "-auto-approve", "-no-color")
	was := tf.Resources()["nova_server.moded"]["id"]
	tf.Write(config(2, `network_mode = terraform_data.moded.output.address == "" ? "auto" : "none"`))
	tf.Run("apply", "-auto-approve", "-no-color")
	if is := tf.Resources()["nova_server.moded"]; is["id"] == was || len(idsOf(is["networks"], "port_id")) > 0 {
		t.Errorf("server %v became %v with the interfaces %v", was, is["id"], is["networks"])
	}
}

func quoted(text string) string { return fmt.Sprintf("%q", text) }

// TestAccServerLateVolumes: nor is it otherwise with volumes, also of servers that are to be brought back for them.
func TestAccServerLateVolumes(t *testing.T) {
	t.Parallel()
	c := lateOn(t)
	for _, one := range lateVolumes {
		c.own[one.name] = map[string]string{}
		for _, name := range []string{"V1", "V2", "V3"} {
			if name != "V3" || strings.Contains(one.then, name) { // a project has ten
				c.own[one.name][name] = c.Volumes(t, 1)[0]
			}
		}
	}
	c.apply(lateVolumes, "volumes", "volume_id", "  network_mode = \"none\"\n  power_state = \"suspended\"\n")
}

// TestAccServerOtherWords: another order and other words are no change. Where the server was not looked at they may be one
// of the state, for which nothing is asked of Nova.
func TestAccServerOtherWords(t *testing.T) {
	t.Parallel()
	c := lateOn(t)
	c.shared["P1"], c.shared["P2"] = c.Port(t, c.shared["N3"]), c.Port(t, c.shared["N3"])
	for n, id := range c.Volumes(t, 2) {
		c.shared[fmt.Sprintf("V%d", n+1)] = id
	}
	imported := c.Server(t, []nova.NetworkRequest{{UUID: c.shared["N1"]}, {Port: c.shared["P2"]}})
	c.Rename(t, imported, "imported")
	config := func(networks, volumes, ofImported string) string {
		return c.server(1, "named", fmt.Sprintf("  networks = %s\n  volumes = %s", c.list("", networks), c.list("", volumes))) +
			c.server(1, "imported", "  networks = "+c.list("", ofImported))
	}
	same := config(`{ uuid = N3 }, { uuid = N1 }`, `{ volume_id = V2 }, { volume_id = V1 }`, `{ port = P2 }, { uuid = N1 }`)
	tf := c.Terraform(t, wait.Hurried{Factor: 100}, config(`{ uuid = N1, fixed_ip = "10.77.5.5" }, { port = P1 }`,
		`{ volume_id = V1 }, { volume_id = V2 }`, `{ uuid = N1 }, { port = P2 }`))
	tf.Run("import", "nova_server.imported", imported)
	tf.Run("apply", "-auto-approve", "-no-color")
	tf.Write(strings.ReplaceAll(same, "uuid = "+quoted(c.shared["N1"]), "uuid = "+quoted(strings.ToUpper(c.shared["N1"]))))
	tf.Run("plan", "-detailed-exitcode", "-no-color")

	c.Requests("compute")
	tf.Run("apply", "-auto-approve", "-no-color", "-refresh=false")
	for request, times := range c.Requests("compute") {
		if !strings.HasPrefix(request, "GET ") && !strings.HasPrefix(request, "HEAD ") {
			t.Errorf("%d × %s", times, request)
		}
	}
	tf.Run("plan", "-detailed-exitcode", "-no-color", "-refresh=false")
	if first := idsOf(tf.Resources()["nova_server.named"]["volumes"], "volume_id")[0]; first != c.shared["V2"] {
		t.Errorf("the first volume is still %s", first)
	}
}

// TestAccServerOtherWordsWithConditions: that another order is no change holds when a saved plan is applied, too, in which a
// server without a change is looked at again if it has conditions.
func TestAccServerOtherWordsWithConditions(t *testing.T) {
	t.Parallel()
	c := lateOn(t)
	config := func(round int, networks string) string {
		return c.server(round, "held", "  networks = "+c.list("", networks)+`
  lifecycle {
    postcondition {
      condition     = self.networks[0].uuid == `+quoted(c.shared["N1"])+`
      error_message = "the order has changed"
    }
  }`)
	}
	tf := c.Terraform(t, wait.Hurried{Factor: 100}, config(1, `{ uuid = N1 }, { uuid = N2 }`))
	tf.Run("apply", "-auto-approve", "-no-color")
	tf.Write(config(2, `{ uuid = N2 }, { uuid = N1 }`))
	tf.Run("plan", "-out", "saved", "-no-color")
	tf.Run("apply", "-no-color", "saved")
	tf.Run("plan", "-detailed-exitcode", "-no-color")
}
