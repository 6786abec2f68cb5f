run "example" {
  assert {
    condition     = nova_floating_ip_association.web.server_id == var.server_id
    error_message = "the floating ip association is not as configured"
  }
}
