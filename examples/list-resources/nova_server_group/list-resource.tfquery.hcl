list "nova_server_group" "all" {
  provider         = nova
  include_resource = true

  config {
    name_regex = "^db-"
  }
}
