# Only a plan: what triggers the action is another change.
run "example" {
  command = plan
}
