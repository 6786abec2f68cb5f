run "example" {
  assert {
    condition     = nova_server_tag.blue.tag == "blue"
    error_message = "the server tag is not as configured"
  }
}
