// SPDX-License-Identifier: MPL-2.0

package compute_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/compute"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver/sim"
)

// What comes of asking a guest for another password is the answer, and leaves the server as it was.
func TestPasswordOfGuests(t *testing.T) {
	t.Parallel()
	var fails error
	properties := map[string]string{}
	c := start(t, func(config *compute.Config, _ *sim.Options) {
		config.Images = mapped{properties: properties}
		config.Intercept = func(ctx context.Context, call compute.DriverCall, next func(context.Context) error) error {
			if call.Method == "SetPassword" && fails != nil {
				return fails
			}
			return next(ctx)
		}
	})
	noAgent := fmt.Errorf("%w: it sleeps", driver.ErrNoAgent)
	for _, test := range []struct {
		fails  error
		agent  string
		kind   compute.Kind
		refuse string // ID is the server's
	}{
		{noAgent, "", compute.Conflict, "QEMU guest agent is not enabled"},
		{noAgent, "no", compute.Conflict, "QEMU guest agent is not enabled"},
		{noAgent, "yes", compute.NotImplemented, "Unable to set password on instance"},
		{errors.New("no such user: s3cret"), "yes", compute.Conflict, "Failed to set admin password on ID because error setting admin password"},
	} {
		properties["hw_qemu_guest_agent"] = test.agent
		fails = nil
		id := c.active(t).ID
		fails = test.fails
		err := c.SetPassword(t.Context(), user, id, "s3cret")
		wantErr(t, err, test.kind, strings.Replace(test.refuse, "ID", id, 1))
		c.want(t, id, compute.Active, compute.NoTask, compute.PowerRunning) // at once: the answer comes last
	}
}

// A password that is set is told, encrypted, to the owner of an RSA key.
func TestPasswordIsKeptForTheOwnerOfTheKey(t *testing.T) {
	t.Parallel()
	c := start(t)
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ssh.NewPublicKey(&private.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	r := request()
	r.KeyPair = &compute.KeyPair{Name: "mine", Type: "ssh", PublicKey: string(ssh.MarshalAuthorizedKey(public))}
	id := c.create(t, r).ID
	c.settle(t)
	if err := c.SetPassword(t.Context(), user, id, "s3cret"); err != nil {
		t.Fatal(err)
	}
	sealed, err := base64.StdEncoding.DecodeString(c.get(t, id).EncryptedPassword)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := rsa.DecryptPKCS1v15(nil, private, sealed); string(plain) != "s3cret" || err != nil { //nolint:staticcheck // as users' tools do
		t.Errorf("the password is %q, %v", plain, err)
	}
}
