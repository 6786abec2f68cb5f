import {
  to = nova_flavor.web
  identity = {
    id = "0b1ed40a-8e0b-4b8d-8bd6-71b1e6fa59ac"
  }
}
