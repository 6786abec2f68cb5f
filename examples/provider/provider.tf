terraform {
  required_providers {
    nova = {
      source = "terraform-provider-nova/nova"
    }
  }
}

# The cloud "production" of clouds.yaml. Without any arguments the provider
# takes OS_CLOUD or the other OS_* variables.
provider "nova" {
  cloud = "production"
}
