data "nova_server" "web" {
  name = "web-1"
}

# terraform apply -invoke=action.nova_server_unpause.web
action "nova_server_unpause" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
