data "nova_server" "web" {
  name = "web-1"
}

# terraform apply -invoke=action.nova_server_unrescue.web
action "nova_server_unrescue" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
