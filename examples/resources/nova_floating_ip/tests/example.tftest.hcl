run "example" {
  assert {
    condition     = nova_floating_ip.web.address != ""
    error_message = "the floating ip is not as configured"
  }
}
