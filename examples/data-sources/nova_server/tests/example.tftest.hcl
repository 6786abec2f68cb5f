run "example" {
  assert {
    condition     = output.gateway != ""
    error_message = "the gateway has no address"
  }
}
