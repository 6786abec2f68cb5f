data "nova_api_versions" "cloud" {}

resource "nova_flavor" "small" {
  name  = "small"
  vcpus = 1
  ram   = 512
  disk  = 5

  # Flavors have descriptions since 2.55.
  description = data.nova_api_versions.cloud.usable_minor >= 55 ? "for tests" : null
}
