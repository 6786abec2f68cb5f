data "nova_server_group" "database" {
  name = "database"
}

output "members" {
  value = data.nova_server_group.database.members
}
