import {
  to = nova_volume_attachment.data
  identity = {
    server_id = "3f0f1b0e-9d0a-4f7e-8a55-1c2d3e4f5a6b"
    volume_id = "2b6b8b1e-6b7c-4d41-8c21-d2d9c8f3c9a0"
  }
}
