# terraform apply -invoke=action.nova_server_unpause.web
action "nova_server_unpause" "web" {
  config {
    server_id = nova_server.web.id
  }
}
