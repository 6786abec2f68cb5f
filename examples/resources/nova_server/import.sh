# A server is imported by its id.
terraform import nova_server.web 2ce4c5b3-2866-4972-93ce-77a2ea46a7f9
