# By the server's id and the tag
terraform import nova_server_tag.blue 616fb98f-46ca-475e-917e-2563e5a8cd19/blue
