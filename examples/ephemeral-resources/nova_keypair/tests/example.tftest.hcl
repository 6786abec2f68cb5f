run "example" {
  assert {
    condition     = startswith(nova_keypair.admin.public_key, "ssh-ed25519 ") && endswith(nova_keypair.admin.public_key, " admin@example.org")
    error_message = "the keypair has not the public half of the key"
  }

  assert {
    condition     = nova_keypair.admin.private_key == null
    error_message = "the private half is in the state"
  }
}
