# A keypair is imported by its name, or another user's by the user's id and its name.
terraform import nova_keypair.admin admin
terraform import nova_keypair.deploy 5bd3c8b5a2e14bdf8a4dd8a4fdc4b0f7/deploy
