# A server is imported by its id, or by its name if no other server has that.
terraform import nova_server.web 2ce4c5b3-2866-4972-93ce-77a2ea46a7f9
terraform import nova_server.web web-1
