data "nova_server" "db" {
  name = "db-1"
}

resource "nova_server_metadata" "backup" {
  server_id = data.nova_server.db.id

  metadata = {
    "backup:schedule" = "daily"
    "backup:keep"     = "14"
  }
}
