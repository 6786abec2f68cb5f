resource "nova_keypair" "admin" {
  name       = "admin"
  public_key = file("~/.ssh/id_ed25519.pub")
}
