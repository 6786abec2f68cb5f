run "example" {
  assert {
    condition     = nova_server.first.status == "ACTIVE" && length(output.addresses) > 0
    error_message = "the server is not there, or has no address"
  }
}
