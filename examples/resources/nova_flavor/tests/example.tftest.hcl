run "example" {
  assert {
    condition     = nova_flavor.web.extra_specs["hw:cpu_policy"] == "dedicated"
    error_message = "the flavor is not as configured"
  }
}
