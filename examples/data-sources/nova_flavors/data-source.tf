data "nova_flavors" "large" {
  name_regex = "^m1\\."
  min_ram    = 8192
}

output "names" {
  value = data.nova_flavors.large.flavors[*].name
}
