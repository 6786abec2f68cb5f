import {
  to = nova_floating_ip.web
  identity = {
    id = "3f0c2f8e-0b27-4b0e-8c5c-63f7d4a0b1c2"
  }
}
