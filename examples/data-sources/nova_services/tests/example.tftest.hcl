run "example" {
  assert {
    condition     = length(output.hosts) == 0
    error_message = "a host is down"
  }
}
