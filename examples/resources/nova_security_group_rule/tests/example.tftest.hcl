run "example" {
  assert {
    condition     = nova_security_group_rule.postgresql.id != ""
    error_message = "the security group rule is not as configured"
  }
}
