# By name.
data "nova_flavor" "small" {
  name = "m1.small"
}

# The smallest that has at least this much.
data "nova_flavor" "database" {
  min_vcpus = 4
  min_ram   = 16384
}
