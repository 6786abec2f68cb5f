run "example" {
  assert {
    condition     = output.server_id == "4f4b21f8-8a8c-4b1c-8d3d-7bd51e4d1c0b"
    error_message = "another id was read"
  }
}
