data "nova_image" "debian" {
  name = "debian-12"
}

data "nova_network" "private" {
  name = "private"
}

variable "network_id" {
  description = "The id of the storage network."
  type        = string
}

resource "nova_server" "web" {
  name      = "web-1"
  image_id  = data.nova_image.debian.id
  flavor_id = "1"
  networks  = [{ uuid = data.nova_network.private.id }]
}

# One more interface, in a network in which Nova makes a port.
resource "nova_interface_attachment" "storage" {
  server_id  = nova_server.web.id
  network_id = var.network_id
  tag        = "storage"
}
