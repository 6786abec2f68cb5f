data "nova_server" "web" {
  name = "web"
}

data "nova_instance_actions" "web" {
  server_id   = data.nova_server.web.id
  with_events = true
}

output "failures" {
  value = [for a in data.nova_instance_actions.web.instance_actions : a if a.message == "Error"]
}
