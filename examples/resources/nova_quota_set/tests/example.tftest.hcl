run "example" {
  assert {
    condition     = nova_quota_set.finance.key_pairs == -1 && nova_quota_set.trainee.cores == 4
    error_message = "the quota set is not as configured"
  }
}
