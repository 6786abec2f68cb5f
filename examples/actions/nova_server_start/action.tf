# terraform apply -invoke=action.nova_server_start.web
action "nova_server_start" "web" {
  config {
    server_id = nova_server.web.id
  }
}
