# A security group is imported by its id, or by its name if no other group has that.
terraform import nova_security_group.web 5d0b1e0e-9a3d-4c57-b5f5-8a6f3d0a6d0e
terraform import nova_security_group.web web
