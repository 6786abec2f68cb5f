resource "nova_volume_attachment" "data" {
  server_id = nova_server.db.id
  volume_id = "2b6b8b1e-6b7c-4d41-8c21-d2d9c8f3c9a0"
  tag       = "data"
}

resource "nova_server" "db" {
  name      = "db-1"
  image_id  = "5c1a9b7e-0f7d-4d55-8a34-8b3f7a4f2c66"
  flavor_id = "1"
  networks  = [{ uuid = "8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11" }]
}
