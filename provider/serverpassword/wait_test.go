// SPDX-License-Identifier: MPL-2.0

package serverpassword_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"golang.org/x/crypto/ssh"

	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/acctest"
	"github.com/terraform-provider-nova/terraform-provider-nova/provider/internal/novatest"
)

// TestWaitsForTheGuest: the first looks find nothing, one finds a cloud that stumbles.
func TestWaitsForTheGuest(t *testing.T) {
	t.Parallel()
	const id = "2ce4c5b3-2866-4972-93ce-77a2ea46a7f9"
	private, public := pair(t)
	sealed := seal(t, public, "hunter2")
	cloud := novatest.Start(t)
	cloud.Put(id, novatest.Server{})
	var looks atomic.Int32
	cloud.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/os-server-password") {
			return false
		}
		w.Header().Set("Content-Type", "application/json")
		switch looks.Add(1) {
		case 1:
			_, _ = fmt.Fprint(w, `{"password": ""}`)
		case 2:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			_, _ = fmt.Fprintf(w, `{"password": %q}`, sealed)
		}
		return true
	})
	target := &acctest.Target{Getenv: cloud.Env}
	server := target.Protocol(t)
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schema := schemas.EphemeralResourceSchemas["nova_server_password"]
	opened, err := server.OpenEphemeralResource(t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: "nova_server_password",
		Config: acctest.Fill(t, schema, map[string]tftypes.Value{
			"server_id": tftypes.NewValue(tftypes.String, id), "private_key": tftypes.NewValue(tftypes.String, private),
		}),
	})
	if err != nil || len(opened.Diagnostics) > 0 {
		t.Fatal(err, opened.Diagnostics)
	}
	result, err := opened.Result.Unmarshal(schema.ValueType())
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]tftypes.Value
	if err := result.As(&all); err != nil {
		t.Fatal(err)
	}
	if !all["password"].Equal(tftypes.NewValue(tftypes.String, "hunter2")) || looks.Load() != 3 {
		t.Errorf("got %v after %d looks", all["password"], looks.Load())
	}
}

// seal encrypts as guests do.
func seal(t *testing.T, public, password string) string {
	t.Helper()
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(public))
	if err != nil {
		t.Fatal(err)
	}
	holder, _ := key.(ssh.CryptoPublicKey)
	opener, _ := holder.CryptoPublicKey().(*rsa.PublicKey)
	sealed, err := rsa.EncryptPKCS1v15(rand.Reader, opener, []byte(password)) //nolint:staticcheck // what guests do
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(sealed)
}
