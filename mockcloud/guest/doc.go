// SPDX-License-Identifier: MPL-2.0

// Package guest builds the demo guest: a bootable qcow2 image of some 18 MB that behaves like the
// cloud images people know, but is ready for a login seconds after QEMU was started, without KVM.
//
//	path, err := guest.Image(ctx, "") // built once, then from the cache
//
// It is made of Debian's cloud kernel and busybox, downloaded by apt-get and unpacked without being
// installed, and of one Go program, package init below, which is PID 1 and everything else. No step
// needs root. Check and Build say in one sentence which tools are missing.
//
// # The image
//
//	sector 0   boot code of syslinux, partition table
//	p1 FAT16   syslinux, vmlinuz, initrd (not compressed: the image is)
//	p2 ext4    label mockcloud-root: busybox, its links, /etc; 16 MiB until the guest grows it
//
// The initrd holds the init and the kernel modules, numbered in the order in which they can be
// loaded; the order comes from the modules' own .modinfo. The init loads them, extends p2 to the end
// of the disk (partition table, BLKPG, EXT4_IOC_RESIZE_FS), mounts it as the root and stays, so the
// userland is busybox's and whatever is written anywhere below / is kept: by a reboot, a hard reset
// (the file system has a journal) and a snapshot.
//
// # What it wants of the machine
//
// A PC (q35 or i440fx) with 128 MiB, the disk as virtio-blk, virtio-scsi, NVMe or (i440fx) IDE, and a
// virtio-rng: the emulated CPU has no RDRAND, and without entropy there is neither DHCP nor SSH.
// Useful if there: virtio-net, virtio-balloon, pvpanic, an i6300esb, and a virtserialport called
// org.qemu.guest_agent.0.
//
// # What it does
//
//   - Instance data from a config drive (label config-2, iso9660 or vfat), else from the metadata
//     service at 169.254.169.254: meta_data.json, network_data.json, user_data below
//     openstack/latest, and the drive's personality files. Whichever is found is applied once per instance,
//     which is what the uuid says: a server made from a snapshot is set up anew and gets a host key of its own.
//   - Network by DHCP (address, routes with the classless ones, DNS, hostname, MTU) on every card, also
//     one that is plugged in later, or as network_data.json has it (types ipv4, ipv6, ipv4_dhcp). Those behind a
//     VLAN tag are the user's to make: ip link add link eth0 name eth0.10 type vlan id 10.
//   - The user is root. Keys of the instance are root's, admin_pass is root's password; without one
//     root has no password login. Any other user that is added to /etc/passwd can log in as well.
//   - User data: scripts (#!), #cloud-config (hostname, fqdn, ssh_authorized_keys, password, chpasswd,
//     write_files, runcmd), gzip and MIME archives of these. Scripts and runcmd run once per instance,
//     their output on the console. Every key that is not done is named on the console.
//   - SSH by key or password: commands with stdin and exit status, terminals, local forwarding. No sftp.
//   - Login prompts on ttyS0 and, for VNC, on tty1.
//   - ACPI power button, Ctrl-Alt-Del, and reboot, poweroff, halt and shutdown in a shell.
//   - Guest agent: ping, sync, info, host name, OS, time, interfaces, set-user-password, fsfreeze, shutdown; no exec
//     and no files, as distributions' defaults. It begins once the instance is set up, so that a password it sets lasts.
//   - A kernel panic reaches QEMU through pvpanic; an unknown NMI is one.
//   - An i6300esb, the watchdog of Nova's guests, barks after 20 s of the guest's time in which the init got no
//     turn; it feeds it. To see that, freeze it:
//     mkdir /run/hang; mount -t cgroup2 none /run/hang; mkdir /run/hang/it; cd /run/hang/it
//     echo 1 >cgroup.procs; echo 1 >cgroup.freeze
//
// # What it says
//
// On ttyS0, which is Nova's console log, in this order:
//
//	-----BEGIN SSH HOST KEY FINGERPRINTS-----
//	256 SHA256:... root@web-1 (ED25519)
//	-----END SSH HOST KEY FINGERPRINTS-----
//	-----BEGIN SSH HOST KEY KEYS-----
//	ssh-ed25519 AAAA... root@web-1
//	-----END SSH HOST KEY KEYS-----
//	mockcloud-guest: ready web-1 10.0.0.5
//	mockcloud-guest: user data script 1 of 1 ended with status 0
//
// The line "mockcloud-guest: ready HOSTNAME ADDRESS" means that SSH answers; ADDRESS is missing in a
// guest without one. The last line comes when a script of the user data has ended, and only if there
// is one.
//
// # The cache
//
// An image is named after the hash of its init, the packages' versions, and the recipe: the files of
// this package that shape it. The init is compiled for every call of Build, which costs little when
// nothing has changed.
package guest
