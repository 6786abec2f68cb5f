# Brings it back in the morning, to a zone that has room.
action "nova_server_unshelve" "web" {
  config {
    server_id         = nova_server.web.id
    availability_zone = "az2"
  }
}
