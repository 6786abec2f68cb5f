data "nova_server" "db" {
  name = "db-1"
}

resource "nova_server_tag" "blue" {
  server_id = data.nova_server.db.id
  tag       = "blue"
}
