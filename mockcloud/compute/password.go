// SPDX-License-Identifier: MPL-2.0

package compute

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/driver"
	"github.com/terraform-provider-nova/terraform-provider-nova/mockcloud/store"
)

// PasswordSetFailed: the guest's password could not be changed. Its cause is told to nobody but the log: the
// password might be in it.
type PasswordSetFailed struct{ InstanceID, Reason string }

func (e *PasswordSetFailed) Error() string {
	return fmt.Sprintf("Failed to set admin password on %s because %s", e.InstanceID, e.Reason)
}

// Kind is Conflict.
func (*PasswordSetFailed) Kind() Kind { return Conflict }

// SetPassword changes the password of a server's administrator, and returns when that is done.
func (m *Manager) SetPassword(ctx context.Context, caller Caller, id, password string) error {
	action := Action{
		Name: "changePassword", Guard: "set_admin_password", Task: UpdatingPassword, Event: "compute_set_admin_password",
		Run: func(op *Op) error { return op.setPassword(password) },
	}
	inst, err := m.mayBegin(ctx, caller, id, &action)
	if err != nil {
		return err
	}
	host, err := m.host(inst.Host)
	if err != nil {
		return err
	}
	if _, able := host.Driver.(driver.PasswordSetter); !able {
		return refuse(NotImplemented, "Unable to set password on instance")
	}
	power, err := host.power(ctx, id)
	if err != nil {
		return err
	}
	if power != PowerRunning {
		return &PasswordSetFailed{InstanceID: id, Reason: fmt.Sprintf("instance %s is not running", id)}
	}
	if err := m.actAndWait(ctx, caller, id, &action); !errors.Is(err, errPreempted) {
		return err
	}
	return &PasswordSetFailed{InstanceID: id, Reason: "another operation has the server"}
}

func (op *Op) setPassword(password string) error {
	user := or(op.Instance.ImageProperties["os_admin_user"], "root")
	if op.Instance.ImageProperties["os_type"] == "windows" {
		user = or(op.Instance.ImageProperties["os_admin_user"], "Administrator")
	}
	err := ability(op, "SetPassword", func(ctx context.Context, d driver.PasswordSetter, id string) error {
		return d.SetPassword(ctx, id, user, password)
	})
	switch {
	case errors.Is(err, driver.ErrNoAgent) && !isTrue(op.Instance.ImageProperties["hw_qemu_guest_agent"]):
		return refuse(Conflict, "QEMU guest agent is not enabled")
	case errors.Is(err, driver.ErrNoAgent):
		return refuse(NotImplemented, "Unable to set password on instance")
	case err != nil:
		if op.Context.Err() == nil {
			op.m.Log.Error("password not set", "instance", op.Instance.ID, "error", err)
		}
		return &PasswordSetFailed{InstanceID: op.Instance.ID, Reason: "error setting admin password"}
	}
	sealed, err := sealPassword(op.Instance.KeyPair, password)
	if err != nil {
		return err
	}
	return op.Finish(op.Instance.VMState, func(inst *Instance) {
		if sealed != "" {
			inst.EncryptedPassword = sealed
		}
	})
}

// sealPassword encrypts a password for the owner of an RSA key, as os-server-password tells it (PKCS #1 v1.5 and
// base64); "" without such a key.
func sealPassword(pair *KeyPair, password string) (string, error) {
	if pair == nil || !strings.HasPrefix(pair.PublicKey, ssh.KeyAlgoRSA) {
		return "", nil
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(pair.PublicKey))
	if err != nil {
		return "", err
	}
	holder, ok := key.(ssh.CryptoPublicKey)
	if !ok {
		return "", nil
	}
	public, ok := holder.CryptoPublicKey().(*rsa.PublicKey)
	if !ok {
		return "", nil
	}
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, public, []byte(password)) //nolint:staticcheck // what users' tools decrypt
	return base64.StdEncoding.EncodeToString(sealed), err
}

// TakePassword keeps what a guest posted as its encrypted password: once, until it is cleared. False when
// it has one.
func (m *Manager) TakePassword(ctx context.Context, id, encrypted string) (taken bool, err error) {
	_, err = m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
		if taken = inst.EncryptedPassword == ""; taken {
			inst.EncryptedPassword = encrypted
		}
		return nil
	})
	return taken, err
}

// ClearPassword forgets the password that a guest posted.
func (m *Manager) ClearPassword(ctx context.Context, id string) error {
	_, err := m.edit(ctx, id, func(_ store.Tx, inst *Instance) error {
		inst.EncryptedPassword = ""
		return nil
	})
	return err
}
