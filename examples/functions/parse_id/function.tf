variable "image_id" {
  type = string

  validation {
    condition     = can(provider::nova::parse_id(var.image_id))
    error_message = "The image is given by its id, not by its name."
  }
}

output "image_id" {
  value = provider::nova::parse_id(var.image_id) # in small letters, with hyphens
}
