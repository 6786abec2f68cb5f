data "nova_security_groups" "web" {
  with_tags = ["web"]
}

output "ids" {
  value = data.nova_security_groups.web.ids
}
