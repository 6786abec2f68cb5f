variable "server_id" {
  description = "The id of a server."
  type        = string
}

data "nova_interfaces" "web" {
  server_id = var.server_id
}

output "mac_of_each_port" {
  value = { for i in data.nova_interfaces.web.interfaces : i.port_id => i.mac }
}
