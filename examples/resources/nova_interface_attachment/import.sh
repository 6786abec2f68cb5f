# An interface is imported by the ids of its server and of its port.
terraform import nova_interface_attachment.storage 3f0f1b0e-9d0a-4f7e-8a55-1c2d3e4f5a6b/7b1f3d92-6b7e-4e0e-9a2c-52d1f0a9c3e8
