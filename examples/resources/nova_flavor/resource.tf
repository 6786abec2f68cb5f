resource "nova_flavor" "web" {
  name        = "web"
  description = "Two pinned processors for web servers"
  vcpus       = 2
  ram         = 4096
  disk        = 20

  extra_specs = {
    "hw:cpu_policy" = "dedicated"
  }
}
