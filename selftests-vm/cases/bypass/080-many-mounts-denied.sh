# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# A call that names a file by no mount is asked under the path on each of many mounts; on more than are looked at it fails.
. /guest/lib.sh

readonly BOUND=33  # mounts of the file system below one directory
readonly TREES=31  # of which there are so many: with the first mount these are as many as are looked at
readonly LOOKED_AT=$((1 + BOUND * TREES))

# changes STATEMENT CGROUP PATH
changes() {
	"$1" in-cgroup "$2" change-times "$3"
	"$1" in-cgroup "$2" touch-at "$3"
	"$1" in-cgroup "$2" set-attribute "$3" trusted.name
	"$1" in-cgroup "$2" remove-attribute "$3" trusted.name
	"$1" in-cgroup "$2" set-attribute "$3" system.posix_acl_access
	"$1" in-cgroup "$2" remove-attribute "$3" system.posix_acl_access
}

count_mounts() {
	grep -c '^many ' /proc/mounts
}

cgroup /first /last
mkdir -p /srv/first /srv/trees/1
mount -t tmpfs many /srv/first
mount -t tmpfs tmpfs /srv/trees/1
for number in $(seq $BOUND); do
	mkdir "/srv/trees/1/$number"
	mount --bind /srv/first "/srv/trees/1/$number"
done
secret /srv/first/file /srv/first/other
for group in /first /last; do
	for file in /srv/first/file /srv/trees/1/16/file /srv/trees/1/$BOUND/file; do
		changes expect_allowed $group $file
	done
done

policy 10-first <<-'END'
	[policy]
	name = first
	[select]
	cgroup = /first
	[file]
	deny = attr /srv/first/file
END
policy 20-last <<-END
	[policy]
	name = last
	[select]
	cgroup = /last
	[file]
	deny = attr /srv/trees/1/$BOUND/file
END
bailiff_start

for file in /srv/first/file /srv/trees/1/16/file /srv/trees/1/$BOUND/file; do
	changes expect_denied /first $file
	changes expect_denied /last $file
done
expect_records 18 operation=attr verdict=deny enforced=true object.path=/srv/first/file $(rule 10-first 'deny = attr')
expect_records 18 operation=attr verdict=deny enforced=true object.path=/srv/trees/1/$BOUND/file \
	$(rule 20-last 'deny = attr')
expect_records 36 record=access
for group in /first /last; do
	changes expect_allowed $group /srv/trees/1/16/other
done

# More and more of them, by copies of the whole tree.
for tree in $(seq 2 $TREES); do
	mkdir "/srv/trees/$tree"
	mount --rbind /srv/trees/1 "/srv/trees/$tree"
done
expect_equal "mounts" "$(count_mounts)" $LOOKED_AT
changes expect_denied /first /srv/trees/1/16/file
changes expect_denied /last /srv/trees/$TREES/$BOUND/file
changes expect_allowed /first /srv/trees/1/16/other
expect_records 48 operation=attr verdict=deny enforced=true fail=null
mkdir /srv/more
mount --bind /srv/first /srv/more
changes expect_denied /first /srv/trees/1/16/other
expect_records 6 operation=attr verdict=deny enforced=true fail=mounts object=null rule=null
expect_equal "failed as mounts" "$(status_value '.containers[] | select(.cgroup == "/first").failed.mounts')" 6
umount /srv/more
changes expect_allowed /first /srv/trees/1/16/other

for tree in $(seq $TREES); do
	umount -l "/srv/trees/$tree"
done
umount /srv/first
