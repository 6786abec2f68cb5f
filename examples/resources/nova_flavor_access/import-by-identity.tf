import {
  to = nova_flavor_access.finance
  identity = {
    flavor_id  = "0b1ed40a-8e0b-4b8d-8bd6-71b1e6fa59ac"
    project_id = "1f9e0d1fd51f4e2e8f4b4a0f8c2d7a55"
  }
}
