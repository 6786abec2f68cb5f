# One more interface, in a network in which Nova makes a port.
resource "nova_interface_attachment" "storage" {
  server_id  = nova_server.web.id
  network_id = "0d5e6d3c-2f4b-4a57-9c39-6a9d9b0f4a11"
  fixed_ip   = "10.20.0.15"
  tag        = "storage"
}

resource "nova_server" "web" {
  name      = "web-1"
  image_id  = "5c1a9b7e-0f7d-4d55-8a34-8b3f7a4f2c66"
  flavor_id = "1"
  networks  = [{ uuid = "8d3a4a3c-6c5b-4b6e-9b6a-0b4c8f6f7d11" }]
}
