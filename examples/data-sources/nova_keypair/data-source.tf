data "nova_keypair" "admin" {
  name = "admin"
}
