# terraform apply -invoke=action.nova_server_pause.web
action "nova_server_pause" "web" {
  config {
    server_id = nova_server.web.id
  }
}
