# A server group is imported by its id, or by its name if no other group has that.
terraform import nova_server_group.database 6b1e0a5c-1d0c-4a7b-9d58-4dc1a2d9e0f3
terraform import nova_server_group.database database
