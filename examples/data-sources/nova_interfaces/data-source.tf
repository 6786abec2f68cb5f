data "nova_interfaces" "web" {
  server_id = "3f0f1b0e-9d0a-4f7e-8a55-1c2d3e4f5a6b"
}

output "mac_of_each_port" {
  value = { for i in data.nova_interfaces.web.interfaces : i.port_id => i.mac }
}
