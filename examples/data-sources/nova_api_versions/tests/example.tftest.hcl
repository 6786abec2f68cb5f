run "example" {
  assert {
    condition     = data.nova_api_versions.cloud.usable_minor >= 55 && nova_flavor.small.description == "for tests"
    error_message = "the flavor lacks its description"
  }
}
