# SPDX-License-Identifier: GPL-2.0-or-later
# Cgroups of a version 1 hierarchy have numbers of their own: one with the number of a bound cgroup changes nothing.
. /guest/lib.sh

readonly hierarchy=/run/case/hierarchy

number() {
	stat -c %i "$1"
}

# like_v1 PATH: makes a cgroup whose number a version 1 cgroup can have: each of those takes five.
like_v1() {
	cgroup "$1"
	until [ $(($(number "/sys/fs/cgroup$1") % 5)) -eq "$rest" ]; do
		rmdir "/sys/fs/cgroup$1"
		cgroup "$1"
	done
}

# take NUMBER NAME: makes a version 1 cgroup of that number.
take() {
	mkdir "$hierarchy/$2"
	until [ "$(number "$hierarchy/$2")" -eq "$1" ]; do
		[ "$(number "$hierarchy/$2")" -lt "$1" ] || fail "no cgroup with number $1"
		rmdir "$hierarchy/$2"
		mkdir "$hierarchy/$2"
	done
}

mkdir $hierarchy
mount -t cgroup -o none,name=other other $hierarchy
trap 'rmdir $hierarchy/*/; umount $hierarchy' EXIT
mkdir $hierarchy/first
rest=$(($(number $hierarchy/first) % 5))
like_v1 /web
like_v1 /free
secret /srv/secret /srv/public
expect_allowed in-cgroup /web open-read /srv/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
policy 20-lax <<-'END'
	[policy]
	name = lax
	[select]
	cgroup = /lax
	[file]
	deny = read /srv/other
END
bailiff_start

take "$(number /sys/fs/cgroup/web)" lax
take "$(number /sys/fs/cgroup/free)" web
expect_denied in-cgroup /web open-read /srv/secret
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/secret container.cgroup=/web \
	$(rule 10-web 'deny = read')
expect_allowed in-cgroup /web open-read /srv/public
expect_allowed in-cgroup /free open-read /srv/secret
