run "example" {
  assert {
    condition     = data.nova_keypair.admin.type == "ssh"
    error_message = "not an SSH key"
  }
}
