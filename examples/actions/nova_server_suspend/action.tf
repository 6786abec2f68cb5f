# terraform apply -invoke=action.nova_server_suspend.web
action "nova_server_suspend" "web" {
  config {
    server_id = nova_server.web.id
  }
}
