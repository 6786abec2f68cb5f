data "nova_security_group" "default" {
  name = "default"
}

output "open_to_all" {
  value = [for r in data.nova_security_group.default.rules : r if r.direction == "ingress" && r.remote_ip_prefix == "0.0.0.0/0"]
}
