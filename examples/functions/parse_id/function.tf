variable "image_id" {
  type = string

  validation {
    condition     = can(provider::nova::parse_id(var.image_id))
    error_message = "The image is given by its id, not by its name."
  }
}

data "nova_image" "base" {
  id = provider::nova::parse_id(var.image_id) # in small letters, with hyphens
}

output "image_id" {
  value = data.nova_image.base.id
}
