run "example" {
  assert {
    condition     = contains(output.names, "public")
    error_message = "the external network is missing"
  }
}
