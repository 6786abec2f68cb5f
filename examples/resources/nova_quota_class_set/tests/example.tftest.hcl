run "example" {
  assert {
    condition     = nova_quota_class_set.default.instances == 20
    error_message = "the quota class set is not as configured"
  }
}
