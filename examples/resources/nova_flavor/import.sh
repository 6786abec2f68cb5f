# A flavor is imported by its id or its name.
terraform import nova_flavor.web 0b1ed40a-8e0b-4b8d-8bd6-71b1e6fa59ac
terraform import nova_flavor.web web
