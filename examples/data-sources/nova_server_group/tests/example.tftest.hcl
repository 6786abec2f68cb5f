run "example" {
  assert {
    condition     = length(output.members) == 0
    error_message = "the group has a member"
  }
}
