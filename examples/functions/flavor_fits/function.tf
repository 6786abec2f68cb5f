variable "flavor_name" {
  type    = string
  default = "m1.medium"
}

data "nova_flavor" "app" {
  name = var.flavor_name

  lifecycle {
    postcondition {
      condition     = provider::nova::flavor_fits(self, { vcpus = 2, ram = 4096, disk = 20 })
      error_message = "The application needs 2 processors, 4 GiB of memory and 20 GiB of disk."
    }
  }
}
