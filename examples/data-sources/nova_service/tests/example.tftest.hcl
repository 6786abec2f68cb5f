run "example" {
  assert {
    condition     = output.disabled_because == null || output.disabled_because == ""
    error_message = "the service is disabled"
  }
}
