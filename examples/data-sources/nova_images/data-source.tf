data "nova_images" "golden" {
  with_tags = ["golden"]
}

output "names" {
  value = data.nova_images.golden.images[*].name
}
