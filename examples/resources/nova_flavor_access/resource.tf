resource "nova_flavor" "database" {
  name      = "database"
  vcpus     = 8
  ram       = 65536
  disk      = 40
  is_public = false
}

resource "nova_flavor_access" "finance" {
  flavor_id  = nova_flavor.database.id
  project_id = "1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55"
}
