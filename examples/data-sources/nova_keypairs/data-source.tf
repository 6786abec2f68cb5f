data "nova_keypairs" "team" {
  name_regex = "^team-"
}

output "names" {
  value = data.nova_keypairs.team.names
}
