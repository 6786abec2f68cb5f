run "example" {
  assert {
    condition     = nova_interface_attachment.storage.port_id != ""
    error_message = "the interface attachment is not as configured"
  }
}
