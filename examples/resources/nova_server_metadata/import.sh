# All metadata of a server
terraform import nova_server_metadata.backup 616fb98f-46ca-475e-917e-2563e5a8cd19
# One key
terraform import nova_server_metadata.backup 616fb98f-46ca-475e-917e-2563e5a8cd19/backup:schedule
