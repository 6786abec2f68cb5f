// SPDX-License-Identifier: MPL-2.0

package nova

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
)

// vpnPayload is the user data of a project's VPN server, in the form that Nova's VPN images expect: a zip file in
// base64, which the image unpacks to run its autorun.sh. As user data it is in base64 once more.
func (s *Service) vpnPayload(ctx context.Context, projectID string) (string, error) {
	server, err := s.certify(ctx, projectID, vpnUser)
	if err != nil {
		return "", err
	}
	ca, err := s.authority(ctx)
	if err != nil {
		return "", err
	}
	revoked, err := s.revoked(ca)
	if err != nil {
		return "", err
	}
	packed := new(bytes.Buffer)
	archive := zip.NewWriter(packed)
	for _, file := range []struct{ name, content string }{
		{"autorun.sh", vpnAutorun},
		{"ca.crt", ca.certificate()},
		{"crl.pem", revoked},
		{"server.crt", server.words + server.certificate},
		{"server.key", server.key},
	} {
		header := &zip.FileHeader{Name: file.name, Method: zip.Deflate, Modified: s.Clock.Now()}
		header.SetMode(0o600)
		to, err := archive.CreateHeader(header)
		if err != nil {
			return "", err
		}
		if _, err := to.Write([]byte(file.content)); err != nil {
			return "", err
		}
	}
	if err := archive.Close(); err != nil {
		return "", err
	}
	once := base64.StdEncoding.EncodeToString(packed.Bytes())
	return base64.StdEncoding.EncodeToString([]byte(once)), nil
}

// vpnAutorun lets those into the networks of the server who have a certificate of the cloud's authority.
const vpnAutorun = `#!/bin/sh
# Ends an OpenVPN in the networks of this server, with the certificates beside this script.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir -p /etc/openvpn
cp ca.crt crl.pem server.crt server.key /etc/openvpn/

{
	cat <<CONF
port 1194
proto udp
dev tun
topology subnet
server 10.8.0.0 255.255.255.0
ca /etc/openvpn/ca.crt
crl-verify /etc/openvpn/crl.pem
cert /etc/openvpn/server.crt
key /etc/openvpn/server.key
dh none
duplicate-cn
keepalive 10 60
CONF
	# The networks that the server is on itself are those that the other end gets a route to.
	ip -4 route show scope link | awk '
		function octet(bits) { return bits <= 0 ? 0 : bits >= 8 ? 255 : 256 - 2 ^ (8 - bits) }
		split($1, net, "/") == 2 {
			printf "push \"route %s %d.%d.%d.%d\"\n", net[1], octet(net[2]), octet(net[2] - 8), octet(net[2] - 16), octet(net[2] - 24)
		}'
} >/etc/openvpn/server.conf

echo 1 >/proc/sys/net/ipv4/ip_forward
iptables -t nat -A POSTROUTING -s 10.8.0.0/24 -j MASQUERADE
exec openvpn --config /etc/openvpn/server.conf --daemon
`
