variable "project_id" {
  description = "The id of the project."
  type        = string
}

resource "nova_flavor" "database" {
  name      = "database"
  vcpus     = 8
  ram       = 65536
  disk      = 40
  is_public = false
}

resource "nova_flavor_access" "finance" {
  flavor_id  = nova_flavor.database.id
  project_id = var.project_id
}
