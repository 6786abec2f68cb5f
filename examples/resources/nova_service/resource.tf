# No new servers on a host that gets new memory. Removing this puts it back into service.
resource "nova_service" "maintenance" {
  host            = "compute-1"
  status          = "disabled"
  disabled_reason = "new memory, ticket 4711"
}

# A host that burnt down: its servers can be evacuated, and destroying this removes it from Nova.
resource "nova_service" "burnt" {
  host            = "compute-2"
  status          = "disabled"
  disabled_reason = "fire"
  forced_down     = true
  on_destroy      = "delete"
}
