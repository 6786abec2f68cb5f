data "nova_image" "debian" {
  name = "debian-12"
}

data "nova_network" "private" {
  name = "private"
}

variable "volume_id" {
  description = "The id of a volume."
  type        = string
}

resource "nova_server" "db" {
  name      = "db-1"
  image_id  = data.nova_image.debian.id
  flavor_id = "1"
  networks  = [{ uuid = data.nova_network.private.id }]
}

resource "nova_volume_attachment" "data" {
  server_id = nova_server.db.id
  volume_id = var.volume_id
  tag       = "data"
}
