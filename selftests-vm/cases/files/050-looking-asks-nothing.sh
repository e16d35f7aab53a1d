# SPDX-License-Identifier: GPL-2.0-or-later
# Where everything is denied, also on the way, a file can be looked at from outside, and used by a descriptor.
. /guest/lib.sh

looks() {
	rm -rf /srv/1
	things /srv/1
	probe set-attribute /srv/1/file trusted.name
	for verb in status access open-path; do
		expect_allowed in-cgroup /web $verb /srv/1/file
	done
	expect_allowed in-cgroup /web read-link /srv/1/link
	expect_allowed in-cgroup /web status /srv/1/link
	expect_allowed in-cgroup /web change-directory /srv/1/full
	expect_allowed in-cgroup /web in-directory /srv/1/full in-root /srv/1 status /full/file
	expect_allowed in-cgroup /web get-attribute /srv/1/file trusted.name
	expect_allowed in-cgroup /web ring here status /srv/1/file
	expect_allowed holding r /srv/1/file in-cgroup /web read held
	expect_allowed holding w /srv/1/file in-cgroup /web write held
	expect_allowed holding r /srv/1/full in-cgroup /web list held
	expect_allowed holding path /srv/1/full in-cgroup /web change-directory held
}

cgroup /web
looks
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	allow = read map write /usr/** /bin/* /dev/* /sys/fs/cgroup/**
	default = deny
END
bailiff_start

looks
expect_denied in-cgroup /web open-read /srv/1/file
expect_records 1 record=access
expect_records 1 operation=open object.path=/srv/1/file $(rule 10-web 'default = deny')
