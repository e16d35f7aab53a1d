# SPDX-License-Identifier: GPL-2.0-or-later
# Threads, a child in its parent's memory and children of children are what their creator is.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
touch /run/case/go
readonly THREAD="in-thread /run/case/ready /run/case/go"
for how in in-vfork "in-fork in-fork" "$THREAD" "$THREAD in-vfork $THREAD"; do
	expect_allowed in-cgroup /web $how open-read /srv/secret
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

for how in in-vfork "in-fork in-fork" "$THREAD" "$THREAD in-vfork $THREAD"; do
	expect_denied in-cgroup /web $how open-read /srv/secret
	expect_denied in-cgroup /web $how in-cgroup / open-read /srv/secret
	expect_allowed in-cgroup /web $how open-read /srv/public
done
expect_records 8 operation=open verdict=deny enforced=true object.path=/srv/secret \
	container.cgroup=/web $(rule 10-web 'deny = read')
