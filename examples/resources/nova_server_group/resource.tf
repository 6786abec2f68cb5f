resource "nova_server_group" "database" {
  name   = "database"
  policy = "anti-affinity"
}

# No more than two of a host.
resource "nova_server_group" "web" {
  name                = "web"
  policy              = "anti-affinity"
  max_server_per_host = 2
}
