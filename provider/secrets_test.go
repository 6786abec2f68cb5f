// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
)

const secretive = `
provider "nova" {
  password = %[3]q
}

ephemeral "nova_keypair" "login" {}

resource "nova_server" "web" {
  name                  = "web"
  image_id              = %[1]q
  flavor_id             = "1"
  networks              = [{ uuid = %[2]q }]
  user_data_wo          = %[4]q
  user_data_wo_version  = 1
  admin_pass_wo         = %[5]q
  admin_pass_wo_version = 1
}

ephemeral "nova_remote_console" "web" {
  server_id = nova_server.web.id
}

resource "nova_server" "other" {
  name      = "other"
  image_id  = %[1]q
  flavor_id = "1"
  networks  = [{ uuid = %[2]q }]
}
`

// TestSecretsStaySecret: no secret that goes over the wire is in Terraform's most talkative log, nor in its state.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	mock := acctest.NewMock(t)
	target, told := mock.Overhear(t)
	const userData, adminPass = "#cloud-config\npassword: opensesame-4711", "hush-4711-hush"
	password := target.Getenv("OS_PASSWORD")
	log := filepath.Join(t.TempDir(), "log")
	tf := target.Binary(t, fmt.Sprintf(secretive, mock.Image(t), mock.Net(t), password, userData, adminPass), "TF_LOG=TRACE", "TF_LOG_PATH="+log)
	said := tf.Run("apply", "-auto-approve", "-no-color") + tf.Run("plan", "-no-color") // the configured password is in no plan, either
	kept, err := os.ReadFile(filepath.Join(tf.Folder(), "terraform.tfstate"))
	if err != nil {
		t.Fatal(err)
	}
	said += tf.Run("destroy", "-auto-approve", "-no-color")
	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(logged, []byte("OpenStack API call")) || !bytes.Contains(logged, []byte("[TRACE]")) || !bytes.Contains(kept, []byte("nova_server")) {
		t.Fatal("the log or the state is not what was to be looked into")
	}
	secrets := told()
	for _, kind := range []string{"token", "password made by Nova", "console's URL"} {
		if len(secrets[kind]) < 8 {
			t.Errorf("no %s went over the wire", kind)
		}
	}
	secrets["provider's password"], secrets["user_data_wo"], secrets["admin_pass_wo"] = password, "opensesame-4711", adminPass
	secrets["user_data_wo in base64"] = base64.StdEncoding.EncodeToString([]byte(userData))
	secrets["private key of any kind"] = "PRIVATE KEY-----"
	for kind, secret := range secrets {
		for where, text := range map[string]string{"the log": string(logged), "the state": string(kept), "the output": said} {
			if at := strings.Index(text, secret); at >= 0 {
				line := text[strings.LastIndex(text[:at], "\n")+1 : at]
				t.Errorf("%s has the %s, after %q", where, kind, line[max(0, len(line)-200):])
			}
		}
	}
}
