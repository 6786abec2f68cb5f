run "example" {
  assert {
    condition     = nova_service.burnt.forced_down && nova_service.maintenance.status == "disabled"
    error_message = "the service is not as configured"
  }
}
