# Access to a flavor is imported by the ids of the flavor and the project.
terraform import nova_flavor_access.finance 0b1ed40a-8e0b-4b8d-8bd6-71b1e6fa59ac/1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55
