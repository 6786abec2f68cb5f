list "nova_aggregate" "zone" {
  provider = nova

  config {
    availability_zone = "zone-1"
  }
}
