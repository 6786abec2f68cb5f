# SPDX-License-Identifier: MPL-2.0

"""Drives the proxies and the systems that Nova no longer has, at microversion 2.1, by python-novaclient.

What novaclient still has a method for goes by it, the rest by its session. Each step prints what it asked; what is not as it
should be ends the run.
"""

import os
import re
import time

from keystoneauth1 import loading, session
from novaclient import client

auth = loading.get_plugin_loader("password").load_from_options(
    auth_url=os.environ["OS_AUTH_URL"],
    username=os.environ["OS_USERNAME"],
    password=os.environ["OS_PASSWORD"],
    project_name=os.environ["OS_PROJECT_NAME"],
    user_domain_name=os.environ["OS_USER_DOMAIN_NAME"],
    project_domain_name=os.environ["OS_PROJECT_DOMAIN_NAME"],
)
nova = client.Client("2.1", session=session.Session(auth=auth))


def driven(what):
    print("driven:", what, flush=True)


def ask(method, path, body=None):
    """What Nova answers to a request."""
    shape = re.sub(r"/([0-9a-f-]{36}|[0-9.]{7,})(?=/|$)", "/{id}", path.split("?")[0])
    driven(f"{method} {shape} {' '.join(body) if path.endswith('/action') else ''}")
    keywords = {} if body is None else {"body": body}
    return getattr(nova.client, method.lower())(path, **keywords)[1]


def equal(got, want):
    if got != want:
        raise SystemExit(f"got {got!r}, want {want!r}")


def one(objects, **values):
    """The one of some objects that has these values."""
    found = [o for o in objects if all(o.get(k) == v for k, v in values.items())]
    if len(found) != 1:
        raise SystemExit(f"{len(found)} with {values} in {objects!r}")
    return found[0]


def until(what, done, seconds=20):
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise SystemExit(f"not within {seconds} s: {what}")
        time.sleep(0.05)


def images_and_server():
    """Images are Glance's, and so is the image of a server."""
    image = ask("GET", "/images")["images"][0]
    detail = ask("GET", f"/images/{image['id']}")["image"]
    equal((detail["name"], detail["status"], detail["progress"]), (image["name"], "ACTIVE", 100))
    network = ask("GET", "/os-networks")["networks"]
    network = one(network, label="private")
    equal(ask("GET", f"/os-networks/{network['id']}")["network"]["cidr"], network["cidr"])
    equal([n["label"] for n in ask("GET", "/os-tenant-networks")["networks"] if n["id"] == network["id"]], ["private"])

    server = nova.servers.create("web", image["id"], nova.flavors.list()[0], nics=[{"net-id": network["id"]}])
    driven("servers.create")
    until("ACTIVE", lambda: nova.servers.get(server).status == "ACTIVE")
    copy = nova.servers.create_image(server, "copy", {"made": "of-web"})
    driven("servers.create_image")
    until("the image", lambda: ask("GET", f"/images/{copy}")["image"]["status"] == "ACTIVE")
    equal(one(ask("GET", "/images/detail")["images"], id=copy)["server"]["id"], server.id)
    equal(ask("POST", f"/images/{copy}/metadata", {"metadata": {"for": "tests"}})["metadata"]["for"], "tests")
    equal(ask("GET", f"/images/{copy}/metadata/made"), {"meta": {"made": "of-web"}})
    ask("DELETE", f"/images/{copy}")
    equal([i["id"] for i in ask("GET", "/images")["images"] if i["id"] == copy], [])
    return nova.servers.get(server)


def addresses(server):
    """Addresses are Neutron's: floating ones, and those that servers have of their networks."""
    fixed = server.addresses["private"][0]["addr"]
    held = ask("GET", f"/os-fixed-ips/{fixed}")["fixed_ip"]
    equal((held["address"], held["hostname"]), (fixed, "web"))
    equal(one(ask("GET", "/os-fping")["servers"], id=server.id)["alive"], True)
    equal(ask("GET", f"/os-fping/{server.id}")["server"]["alive"], True)
    interface = ask("GET", f"/servers/{server.id}/os-virtual-interfaces")["virtual_interfaces"]
    equal(interface[0]["mac_address"], server.addresses["private"][0]["OS-EXT-IPS-MAC:mac_addr"])

    pool = ask("GET", "/os-floating-ip-pools")["floating_ip_pools"][0]["name"]
    floating = ask("POST", "/os-floating-ips", {"pool": pool})["floating_ip"]
    equal((floating["pool"], floating["instance_id"]), (pool, None))
    ask("POST", f"/servers/{server.id}/action", {"addFloatingIp": {"address": floating["ip"]}})
    equal(ask("GET", f"/os-floating-ips/{floating['id']}")["floating_ip"]["instance_id"], server.id)
    kinds = {a["OS-EXT-IPS:type"]: a["addr"] for a in nova.servers.get(server).addresses["private"]}
    equal(kinds, {"fixed": fixed, "floating": floating["ip"]})
    ask("POST", f"/servers/{server.id}/action", {"removeFloatingIp": {"address": floating["ip"]}})
    equal(one(ask("GET", "/os-floating-ips")["floating_ips"], id=floating["id"])["fixed_ip"], None)
    ask("DELETE", f"/os-floating-ips/{floating['id']}")
    equal(ask("GET", "/os-floating-ips"), {"floating_ips": []})


def security_groups(server):
    """Security groups are Neutron's; novaclient still puts servers into them."""
    group = ask("POST", "/os-security-groups", {"security_group": {"name": "web", "description": "of tests"}})["security_group"]
    rule = ask("POST", "/os-security-group-rules", {"security_group_rule": {
        "parent_group_id": group["id"], "ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr": "192.0.2.0/24",
    }})["security_group_rule"]
    equal(rule["ip_range"], {"cidr": "192.0.2.0/24"})
    equal([r["id"] for r in ask("GET", f"/os-security-groups/{group['id']}")["security_group"]["rules"]], [rule["id"]])
    nova.servers.add_security_group(server, "web")
    driven("servers.add_security_group")
    equal(sorted(g.name for g in nova.servers.list_security_group(server)), ["default", "web"])
    driven("servers.list_security_group")
    nova.servers.remove_security_group(server, "web")
    driven("servers.remove_security_group")
    ask("DELETE", f"/os-security-group-rules/{rule['id']}")
    ask("DELETE", f"/os-security-groups/{group['id']}")
    equal([g["name"] for g in ask("GET", "/os-security-groups")["security_groups"]], ["default"])


def volumes(server):
    """Volumes are Cinder's."""
    volume = ask("POST", "/os-volumes", {"volume": {"size": 1, "display_name": "disk"}})["volume"]
    until("the volume", lambda: ask("GET", f"/os-volumes/{volume['id']}")["volume"]["status"] == "available")
    nova.volumes.create_server_volume(server.id, volume["id"])
    driven("volumes.create_server_volume")
    until("the attachment", lambda: ask("GET", f"/os-volumes/{volume['id']}")["volume"]["status"] == "in-use")
    held = one(ask("GET", "/os-volumes/detail")["volumes"], id=volume["id"])
    equal((held["displayName"], held["attachments"][0]["serverId"]), ("disk", server.id))
    nova.volumes.delete_server_volume(server.id, volume["id"])
    driven("volumes.delete_server_volume")
    until("the detachment", lambda: ask("GET", f"/os-volumes/{volume['id']}")["volume"]["status"] == "available")
    snapshot = ask("POST", "/os-snapshots", {"snapshot": {"volume_id": volume["id"], "display_name": "then"}})["snapshot"]
    until("the snapshot", lambda: ask("GET", f"/os-snapshots/{snapshot['id']}")["snapshot"]["status"] == "available")
    equal(one(ask("GET", "/os-snapshots/detail")["snapshots"], id=snapshot["id"])["volumeId"], volume["id"])
    ask("DELETE", f"/os-snapshots/{snapshot['id']}")
    until("no snapshot", lambda: ask("GET", "/os-snapshots") == {"snapshots": []})
    ask("DELETE", f"/os-volumes/{volume['id']}")
    until("no volume", lambda: ask("GET", "/os-volumes") == {"volumes": []})


def systems(server):
    """What was Nova's own: agents, which novaclient has methods for, and what it has none for."""
    agent = nova.agents.create("linux", "x86_64", "7.0", "http://example.com/agent", "add6bb58e139be103324d04d82d8f545", "kvm")
    equal((agent.hypervisor, agent.version), ("kvm", "7.0"))
    nova.agents.update(agent.agent_id, "8.0", "http://example.com/agent", "add6bb58e139be103324d04d82d8f546")
    equal([(a.agent_id, a.version) for a in nova.agents.list(hypervisor="kvm")], [(agent.agent_id, "8.0")])
    nova.agents.delete(agent.agent_id)
    equal(nova.agents.list(), [])
    driven("agents.create, update, list, delete")

    node = ask("GET", "/os-baremetal-nodes")["nodes"][0]
    equal(ask("GET", f"/os-baremetal-nodes/{node['id']}")["node"]["memory_mb"], node["memory_mb"])
    root = ask("GET", "/os-certificates/root")["certificate"]
    equal((root["private_key"], "BEGIN CERTIFICATE" in root["data"]), (None, True))
    url = nova.servers.get_rdp_console(server, "rdp-html5")["console"]["url"]
    driven("servers.get_rdp_console")
    equal(len(re.findall(r"token(?:=|%3D)[0-9A-Za-z-]{20,}$", url)), 1)
    ask("POST", f"/servers/{server.id}/consoles")
    console = ask("GET", f"/servers/{server.id}/consoles")["consoles"][0]["console"]
    equal(ask("GET", f"/servers/{server.id}/consoles/{console['id']}")["console"]["id"], console["id"])
    ask("DELETE", f"/servers/{server.id}/consoles/{console['id']}")
    equal(ask("GET", f"/servers/{server.id}/consoles"), {"consoles": []})
    nova.servers.reset_network(server)
    driven("servers.reset_network")
    made = ask("POST", "/os-networks", {"network": {"label": "made", "cidr": "10.99.0.0/24"}})["network"]
    equal(ask("GET", f"/os-networks/{made['id']}")["network"]["label"], "made")
    ask("DELETE", f"/os-networks/{made['id']}")
    equal([n["label"] for n in ask("GET", "/os-networks")["networks"] if n["label"] == "made"], [])


def names():
    """The cloud's DNS, whose domains are Nova's to keep."""
    domain = {"scope": "public", "project": os.environ["OS_PROJECT_NAME"]}
    ask("PUT", "/os-floating-ip-dns/example.org", {"domain_entry": domain})
    equal(one(ask("GET", "/os-floating-ip-dns")["domain_entries"], domain="example.org")["scope"], "public")
    entry = "/os-floating-ip-dns/example.org/entries/web"
    ask("PUT", entry, {"dns_entry": {"ip": "198.51.100.77", "dns_type": "A"}})
    equal(ask("GET", entry)["dns_entry"]["ip"], "198.51.100.77")
    ask("DELETE", entry)
    ask("DELETE", "/os-floating-ip-dns/example.org")
    equal([d for d in ask("GET", "/os-floating-ip-dns")["domain_entries"] if d["domain"] == "example.org"], [])


def hosts():
    """Cells, which are made of hosts."""
    ask("POST", "/os-cells", {"cell": {"name": "north", "type": "child"}})
    equal(one(ask("GET", "/os-cells")["cells"], name="north")["type"], "child")
    equal("ram_free" in ask("GET", "/os-cells/capacities")["cell"]["capacities"], True)
    ask("DELETE", "/os-cells/north")


def rules():
    """What the groups of new projects begin with."""
    rule = {"ip_protocol": "TCP", "from_port": 80, "to_port": 80, "cidr": "192.0.2.0/24"}
    made = ask("POST", "/os-security-group-default-rules", {"security_group_default_rule": rule})["security_group_default_rule"]
    equal(made["ip_range"], {"cidr": "192.0.2.0/24"})
    equal(one(ask("GET", "/os-security-group-default-rules")["security_group_default_rules"], id=made["id"]), made)
    ask("DELETE", f"/os-security-group-default-rules/{made['id']}")
    equal(ask("GET", "/os-security-group-default-rules"), {"security_group_default_rules": []})


server = images_and_server()
addresses(server)
security_groups(server)
volumes(server)
systems(server)
names()
hosts()
rules()
nova.servers.delete(server)
until("no server", lambda: nova.servers.list() == [])
driven("servers.delete")
