run "example" {
  assert {
    condition     = data.nova_flavor.database.vcpus >= 4 && data.nova_flavor.database.ram >= 16384
    error_message = "the flavor is too small"
  }
}
