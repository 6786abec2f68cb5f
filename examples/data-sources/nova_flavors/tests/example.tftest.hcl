run "example" {
  assert {
    condition     = contains(output.names, "m1.large") && !contains(output.names, "m1.tiny")
    error_message = "not the large flavors"
  }
}
