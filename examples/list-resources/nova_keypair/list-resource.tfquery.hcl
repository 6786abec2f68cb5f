list "nova_keypair" "mine" {
  provider = nova
}
