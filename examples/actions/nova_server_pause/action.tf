data "nova_server" "web" {
  name = "web-1"
}

# terraform apply -invoke=action.nova_server_pause.web
action "nova_server_pause" "web" {
  config {
    server_id = data.nova_server.web.id
  }
}
