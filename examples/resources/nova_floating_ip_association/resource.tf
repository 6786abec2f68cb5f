variable "server_id" {
  description = "The id of a server behind a router."
  type        = string
}

resource "nova_floating_ip" "web" {
  pool = "public"
}

resource "nova_floating_ip_association" "web" {
  floating_ip = nova_floating_ip.web.id
  server_id   = var.server_id
}
