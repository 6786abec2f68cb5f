data "nova_server_groups" "apart" {
  policy = "anti-affinity"
}

output "names" {
  value = data.nova_server_groups.apart.server_groups[*].name
}
