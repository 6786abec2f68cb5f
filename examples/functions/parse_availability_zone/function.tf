output "host" {
  value = provider::nova::parse_availability_zone("nova:compute-3").host # compute-3
}
