import {
  to = nova_server.web
  identity = {
    id = "2ce4c5b3-2866-4972-93ce-77a2ea46a7f9"
  }
}
