run "example" {
  assert {
    condition     = nova_keypair.admin.fingerprint != ""
    error_message = "the keypair is not as configured"
  }
}
