# By the image's id
terraform import nova_server_image.before_upgrade 70a599e0-31e7-49b7-b260-868f441e862b
