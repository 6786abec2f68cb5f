run "example" {
  assert {
    condition     = data.nova_flavor.app.vcpus >= 2
    error_message = "the flavor does not fit"
  }
}
