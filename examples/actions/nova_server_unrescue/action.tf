# terraform apply -invoke=action.nova_server_unrescue.web
action "nova_server_unrescue" "web" {
  config {
    server_id = nova_server.web.id
  }
}
