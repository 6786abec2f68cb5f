# terraform apply -invoke=action.nova_server_stop.web
action "nova_server_stop" "web" {
  config {
    server_id = nova_server.web.id
  }
}
