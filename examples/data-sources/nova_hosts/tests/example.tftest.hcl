run "example" {
  assert {
    condition     = length(output.hosts) > 0
    error_message = "the cloud has no compute host"
  }
}
