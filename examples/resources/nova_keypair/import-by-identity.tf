import {
  to = nova_keypair.admin
  identity = {
    name = "admin"
  }
}
