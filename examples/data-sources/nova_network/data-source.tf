data "nova_network" "private" {
  name = "private"
}

output "cidrs" {
  value = data.nova_network.private.subnets[*].cidr
}
