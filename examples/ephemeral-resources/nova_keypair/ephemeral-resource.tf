# A new key whose private half is in no plan and in no state.
ephemeral "nova_keypair" "admin" {
  comment = "admin@example.org"
}

# The cloud gets the public half ...
resource "nova_keypair" "admin" {
  name                  = "admin"
  public_key_wo         = ephemeral.nova_keypair.admin.public_key
  public_key_wo_version = 1
}

# ... and a store of secrets the private half, by a write-only attribute of the same version:
#
#   resource "vault_kv_secret_v2" "admin" {
#     mount                = "kv"
#     name                 = "nova/admin"
#     data_json_wo         = jsonencode({ private_key = ephemeral.nova_keypair.admin.private_key })
#     data_json_wo_version = 1
#   }
