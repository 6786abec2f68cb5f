resource "nova_aggregate" "ssd" {
  name              = "ssd"
  availability_zone = "fast"
  hosts             = ["compute-1", "compute-2"]

  metadata = {
    ssd = "true"
  }
}

# Only hosts of the aggregate get servers of this flavor.
resource "nova_flavor" "ssd" {
  name  = "ssd.small"
  vcpus = 2
  ram   = 4096
  disk  = 40

  extra_specs = {
    "aggregate_instance_extra_specs:ssd" = "true"
  }
}
