run "example" {
  assert {
    condition     = nova_volume_attachment.data.device != ""
    error_message = "the volume attachment is not as configured"
  }
}
