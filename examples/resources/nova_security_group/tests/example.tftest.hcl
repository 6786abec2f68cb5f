run "example" {
  assert {
    condition     = length(nova_security_group.web.rules) == 6
    error_message = "the security group is not as configured"
  }
}
