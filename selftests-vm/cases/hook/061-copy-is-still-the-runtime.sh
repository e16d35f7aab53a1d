# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Who comes into a new container and executes memory, as runc does, is still who sets it up: it may mount. Its files are decided
# all the same; and memory is denied to its children, to who has executed something else before or has another root, and to who
# comes into a container that was there before it was bound.
. /guest/lib.sh

cgroup /web-before
secret /srv/secret /srv/public
mkdir -p /srv/there /srv/proc
mount -t proc proc /srv/proc
expect_allowed in-cgroup /web-before exec-memory
expect_allowed in-cgroup /web-before as /usr/bin/probe from-memory open-read /srv/public
expect_allowed in-cgroup /web-before own-root /srv from-memory open-read /public

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web-*
	[exec]
	memory = deny
	[file]
	deny = read /srv/secret /secret
	[privilege]
	deny = mount
END
bailiff_start
cgroup /web-new

expect_allowed in-fork in-cgroup /web-new from-memory own-mounts mount-new tmpfs /srv/there
expect_allowed in-fork in-cgroup /web-new from-memory open-read /srv/public
expect_records 0 record=access
expect_denied in-fork in-cgroup /web-new from-memory open-read /srv/secret
expect_denied in-fork in-cgroup /web-new from-memory as /usr/bin/probe mount-new tmpfs /srv/there

expect_denied in-cgroup /web-before from-memory open-read /srv/public
expect_denied in-cgroup /web-new exec-memory
# Its parent is another program; the copy of a copy is not its parent's.
expect_denied in-cgroup /web-new from-memory open-read /srv/public
expect_denied in-fork in-cgroup /web-new from-memory from-memory open-read /srv/public
expect_denied in-cgroup /web-new as /usr/bin/probe from-memory open-read /srv/public
expect_denied in-cgroup /web-new own-root /srv from-memory open-read /public
expect_records 6 operation=exec verdict=deny enforced=true $(rule 10-web 'memory = deny')
expect_records 1 operation=open verdict=deny object.path=/srv/secret
expect_records 1 operation=privilege verdict=deny object.name=mount
umount /srv/proc
