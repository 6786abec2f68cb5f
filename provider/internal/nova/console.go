// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/client"
)

// WithRemoteConsoles is the first microversion to have remote consoles as objects of their own; the actions that gave
// their URLs before are gone from then on.
const WithRemoteConsoles client.Microversion = 6

// ConsoleType is a kind of console: what it speaks, the microversion that it needs, and the action by which it was
// asked for before WithRemoteConsoles, "" if it is younger than that.
type ConsoleType struct {
	Protocol string
	Needs    client.Microversion
	Action   string
}

// ConsoleTypes are the types of consoles that Nova knows, or knew.
var ConsoleTypes = map[string]ConsoleType{
	"novnc":        {"vnc", 1, "os-getVNCConsole"},
	"xvpvnc":       {"vnc", 1, "os-getVNCConsole"},
	"spice-html5":  {"spice", 1, "os-getSPICEConsole"},
	"rdp-html5":    {"rdp", 1, "os-getRDPConsole"},
	"serial":       {"serial", 1, "os-getSerialConsole"},
	"webmks":       {"mks", 8, ""},
	"spice-direct": {"spice", 99, ""},
}

// RemoteConsole asks for a console and returns its URL, which holds a token: whoever has it has the console.
func (s Servers) RemoteConsole(ctx context.Context, id, kind string) (string, error) {
	of, ok := ConsoleTypes[kind]
	if !ok {
		return "", fmt.Errorf("there is no console of type %q", kind)
	}
	if err := s.Client.Check(ctx, of.Needs); err != nil {
		return "", err
	}
	service, at, err := s.Client.Best(ctx, max(of.Needs, WithRemoteConsoles))
	if err != nil {
		return "", err
	}
	path, key := service.ServiceURL("servers", url.PathEscape(id), "remote-consoles"), "remote_console"
	body := map[string]any{key: map[string]string{"protocol": of.Protocol, "type": kind}}
	if at < WithRemoteConsoles {
		path, key = service.ServiceURL("servers", url.PathEscape(id), "action"), "console"
		body = map[string]any{of.Action: map[string]string{"type": kind}}
	}
	type console struct {
		URL string `json:"url"`
	}
	// A token more, where an answer got lost, does no harm: nobody knows it, and it runs out.
	made, err := client.Once(ctx, s.Client, func(ctx context.Context) (*console, error) {
		var answer map[string]console
		_, err := service.Post(ctx, path, body, &answer, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
		if err == nil && answer[key].URL == "" {
			err = errors.New("the answer holds no URL of a console")
		}
		return &console{answer[key].URL}, err
	}, func(context.Context) (*console, error) { return nil, nil })
	if err != nil {
		return "", err
	}
	return made.URL, nil
}

// EncryptedPassword is the password of the guest's administrator as the guest posted it: encrypted with the key of the
// server's keypair, in base64; "" as long as it has posted none.
func (s Servers) EncryptedPassword(ctx context.Context, id string) (string, error) {
	service, err := s.Client.At(ctx, 1)
	if err != nil {
		return "", err
	}
	var answer struct {
		Password string `json:"password"`
	}
	_, err = service.Get(ctx, service.ServiceURL("servers", url.PathEscape(id), "os-server-password"), &answer,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	return answer.Password, err
}
