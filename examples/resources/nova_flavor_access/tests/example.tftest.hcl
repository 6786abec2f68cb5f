run "example" {
  assert {
    condition     = nova_flavor_access.finance.flavor_id == nova_flavor.database.id
    error_message = "the flavor access is not as configured"
  }
}
