data "nova_server" "web" {
  name = "web-1"
}

# terraform apply -invoke=action.nova_server_suspend.web
action "nova_server_suspend" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
