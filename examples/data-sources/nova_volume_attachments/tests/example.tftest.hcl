run "example" {
  assert {
    condition     = length(output.devices) == 0
    error_message = "the server has a volume"
  }
}
