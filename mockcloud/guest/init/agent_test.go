// SPDX-License-Identifier: MPL-2.0

//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/clock"
)

func testAgent(t *testing.T) *agent {
	t.Helper()
	return &agent{machine: &machine{
		clock: clock.NewManual(time.Unix(0, 42)), out: &console{w: io.Discard},
		accounts: &accounts{root: testRoot(t)}, freezer: &freezer{target: t.TempDir()}, end: make(chan ending, 1),
	}}
}

func TestAgentAnswers(t *testing.T) {
	t.Parallel()
	a := testAgent(t)
	for _, tt := range []struct{ request, want string }{
		{`{"execute":"guest-ping"}`, `{"return":{}}`},
		{`{"execute":"guest-ping","id":"a"}`, `{"return":{},"id":"a"}`},
		{`{"execute":"guest-sync","arguments":{"id":9007199254740993}}`, `{"return":9007199254740993}`},
		{`{"execute":"guest-sync-delimited","arguments":{"id":1}}`, "\xff" + `{"return":1}`},
		{`{"execute":"guest-get-time"}`, `{"return":42}`},
		{`{"execute":"guest-fsfreeze-status"}`, `{"return":"thawed"}`},
		{`{"execute":"guest-fsfreeze-thaw"}`, `{"return":0}`},
		{`{"execute":"guest-exec"}`, `{"error":{"class":"CommandNotFound","desc":"The command guest-exec has not been found"}}`},
		{`{"execute":"guest-set-user-password","arguments":{"username":"ghost","password":"eA==","crypted":false}}`,
			`{"error":{"class":"GenericError","desc":"ghost: no such user"}}`},
		{`{"execute":"guest-shutdown","arguments":{"mode":"nap"}}`,
			`{"error":{"class":"GenericError","desc":"mode is invalid (valid values are: halt|powerdown|reboot): \"nap\""}}`},
	} {
		if got := strings.TrimSuffix(string(a.answer([]byte(tt.request))), "\n"); got != tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.request, got, tt.want)
		}
	}
	if got := a.answer([]byte("nonsense\n")); !bytes.Contains(got, []byte(`"GenericError"`)) {
		t.Errorf("nonsense: %s", got)
	}
}

func TestAgentSetsThePassword(t *testing.T) {
	t.Parallel()
	a := testAgent(t)
	request := `{"execute":"guest-set-user-password","arguments":{"username":"root","crypted":false,"password":"` +
		base64.StdEncoding.EncodeToString([]byte("s3cret")) + `"}}`
	if got := string(a.answer([]byte(request))); got != "{\"return\":{}}\n" {
		t.Fatalf("%s", got)
	}
	if !a.machine.accounts.verify("root", "s3cret") {
		t.Error("the password was not set")
	}
	a.machine.freezer.frozen = true
	if got := string(a.answer([]byte(request))); !strings.Contains(got, "frozen state") {
		t.Errorf("while frozen: %s", got)
	}
}

func TestAgentShutsDownWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	a := testAgent(t)
	if got := a.answer([]byte(`{"execute":"guest-shutdown","arguments":{"mode":"reboot"}}`)); got != nil {
		t.Errorf("answered %s", got)
	}
	if how := <-a.machine.end; how != reboot {
		t.Errorf("ends by %s", how.name)
	}
}

func TestAgentListsItsCommands(t *testing.T) {
	t.Parallel()
	var reply struct {
		Return struct {
			Commands []struct {
				Name    string `json:"name"`
				Enabled bool   `json:"enabled"`
				Success bool   `json:"success-response"`
			} `json:"supported_commands"`
		} `json:"return"`
	}
	if err := json.Unmarshal(testAgent(t).answer([]byte(`{"execute":"guest-info"}`)), &reply); err != nil {
		t.Fatal(err)
	}
	if len(reply.Return.Commands) != len(agentCommands()) {
		t.Errorf("%d commands", len(reply.Return.Commands))
	}
	for _, c := range reply.Return.Commands {
		if !c.Enabled || c.Success != (c.Name != "guest-shutdown") {
			t.Errorf("%+v", c)
		}
	}
}

func TestRequestBuffer(t *testing.T) {
	t.Parallel()
	var b requestBuffer
	var got []string
	for _, chunk := range []string{
		"{\"execute\":", "\"guest-ping\"}\n\n", "half a requ\xff{\"a\":{\"b\":\"}\"}}{\"c\":1}", "junk\n",
	} {
		for _, request := range b.add([]byte(chunk)) {
			got = append(got, strings.TrimSpace(string(request)))
		}
	}
	want := []string{`{"execute":"guest-ping"}`, `{"a":{"b":"}"}}`, `{"c":1}`, "junk"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("%q, want %q", got, want)
	}
	flood := b.add(bytes.Repeat([]byte("x"), 3*requestLimit))
	if len(flood) != 2 || len(b.data) > requestLimit {
		t.Errorf("a flood makes %d requests and leaves %d bytes", len(flood), len(b.data))
	}
}

func TestPowerPress(t *testing.T) {
	t.Parallel()
	event := make([]byte, inputEventSize)
	copy(event[16:], []byte{evKey, 0, keyPower, 0, 1, 0, 0, 0})
	if !isPowerPress(event) {
		t.Error("a press was missed")
	}
	event[20] = 0
	if isPowerPress(event) {
		t.Error("a release passed for a press")
	}
}
