# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A script acts as its interpreter, whatever the script is called; who cannot be known is nobody an allow rule names, and
# everybody a deny rule names.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/trusted /srv/plain
cp /bin/busybox /srv/trusted/busybox
cp /bin/busybox /srv/plain/busybox
for interpreter in trusted plain; do
	for place in trusted plain; do
		printf '#!/srv/%s/busybox sh\nexec 3</srv/config\n' $interpreter >/srv/$place/by-$interpreter
		chmod 755 /srv/$place/by-$interpreter
	done
done
secret /srv/config /srv/data
for script in /srv/trusted/by-plain /srv/plain/by-plain /srv/trusted/by-trusted /srv/plain/by-trusted; do
	expect_allowed in-cgroup /web run $script
done
expect_allowed from-memory in-cgroup /web open-read /srv/config

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	allow = read /srv/config by /srv/trusted/*
	deny = read /srv/config
	deny = read /srv/data by /srv/trusted/*
END
bailiff_start

for script in /srv/trusted/by-trusted /srv/plain/by-trusted; do
	expect_allowed in-cgroup /web run $script
done
for script in /srv/trusted/by-plain /srv/plain/by-plain; do
	expect_denied in-cgroup /web run $script
done
expect_denied from-memory in-cgroup /web open-read /srv/config
expect_denied from-memory in-cgroup /web in-fork open-read /srv/config
expect_denied from-memory in-cgroup /web open-read /srv/data
expect_records 4 operation=open verdict=deny enforced=true object.path=/srv/config $(rule 10-web 'deny = read /srv/config')
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/data $(rule 10-web 'deny = read /srv/data')
expect_allowed from-memory in-cgroup /web as /usr/bin/probe open-read /srv/data
expect_allowed in-cgroup /web open-read /srv/data
