resource "nova_security_group" "web" {
  name        = "web"
  description = "Web servers"

  rules = [
    { protocol = "tcp", port_range_min = 80 },
    { protocol = "tcp", port_range_min = 443 },
    { protocol = "tcp", port_range_min = 22, remote_ip_prefix = "192.0.2.0/24", description = "The office" },
    { protocol = "icmp" },
    { protocol = "ipv6-icmp" },
    { remote_self = true },
  ]
}

# Nothing may go out but requests to name servers.
resource "nova_security_group" "sealed" {
  name                 = "sealed"
  delete_default_rules = true

  rules = [
    { direction = "egress", protocol = "udp", port_range_min = 53 },
    { direction = "egress", protocol = "udp", port_range_min = 53, ethertype = "IPv6" },
  ]
}
