data "nova_network" "internal" {
  name = "internal"
}

output "cidrs" {
  value = data.nova_network.internal.subnets[*].cidr
}
