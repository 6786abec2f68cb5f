run "example" {
  assert {
    condition     = data.nova_instance_actions.web.instance_actions[0].action != "" && length(output.failures) == 0
    error_message = "the actions of the server are not told, or one failed"
  }
}
