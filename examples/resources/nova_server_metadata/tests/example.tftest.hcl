run "example" {
  assert {
    condition     = nova_server_metadata.backup.metadata["backup:keep"] == "14"
    error_message = "the server metadata is not as configured"
  }
}
