import {
  to = nova_interface_attachment.storage
  identity = {
    server_id = "3f0f1b0e-9d0a-4f7e-8a55-1c2d3e4f5a6b"
    port_id   = "7b1f3d92-6b7e-4e0e-9a2c-52d1f0a9c3e8"
  }
}
