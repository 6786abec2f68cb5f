run "example" {
  assert {
    condition     = nova_server_image.before_upgrade.properties["purpose"] == "rollback"
    error_message = "the server image is not as configured"
  }
}
