run "example" {
  assert {
    condition     = output.vcpu_hours == 0
    error_message = "servers ran before there was the cloud"
  }
}
