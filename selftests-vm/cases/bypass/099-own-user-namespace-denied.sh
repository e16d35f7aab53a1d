# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Nobody becomes root of a user namespace to have there what he has not: no namespace is made, whoever asks, and in one that
# was made before nothing more is allowed.
. /guest/lib.sh

makes() {
	local how statement=$1
	shift
	for how in unshare clone clone3; do
		"$statement" "$@" new-users $how
	done
}

cgroup /users /mounts
mkdir -p /srv/there /srv/tree
for where in /users /mounts; do
	makes expect_allowed in-cgroup $where
	makes expect_allowed in-cgroup $where as-user 1000
	expect_allowed in-cgroup $where own-users mount-new tmpfs /srv/there
done

policy 10-users <<-'END'
	[policy]
	name = users
	[select]
	cgroup = /users
	[privilege]
	deny = userns
END
policy 10-mounts <<-'END'
	[policy]
	name = mounts
	[select]
	cgroup = /mounts
	[privilege]
	deny = mount
	[capability]
	deny = net_raw
END
bailiff_start

makes expect_denied in-cgroup /users
makes expect_denied in-cgroup /users as-user 1000
expect_records 3 operation=privilege verdict=deny enforced=true object.name=userns subject.uid=0 \
	$(rule 10-users 'deny = userns')
expect_records 3 operation=privilege verdict=deny enforced=true object.name=userns subject.uid=1000
expect_allowed in-cgroup /users mount-new tmpfs /srv/there
umount /srv/there

# Of those who may, it is the same that is denied inside of one.
makes expect_allowed in-cgroup /mounts as-user 1000
for steps in "mount-new:tmpfs:/srv/there" "bind:/srv/tree:/srv/there" "new-tree:/srv/tree" "new-context:tmpfs"; do
	expect_denied own-users in-cgroup /mounts $(echo "$steps" | tr : ' ')
done
expect_records 4 operation=privilege verdict=deny enforced=true object.name=mount $(rule 10-mounts 'deny = mount')
expect_denied in-cgroup /mounts own-network use net_raw
expect_denied own-users own-network in-cgroup /mounts use net_raw
expect_records 2 operation=capability verdict=deny enforced=true object.name=net_raw $(rule 10-mounts 'deny = net_raw')
makes expect_allowed
