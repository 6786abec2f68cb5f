data "nova_server" "web" {
  name = "web-1"
}

# Brings it back in the morning, to a zone that has room.
action "nova_server_unshelve" "web" {
  config {
    server_id         = data.nova_server.web.id
    availability_zone = "az2"
  }
}
