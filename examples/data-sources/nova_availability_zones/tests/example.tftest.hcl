run "example" {
  assert {
    condition     = contains(output.zones, "nova")
    error_message = "the default zone is missing"
  }
}
