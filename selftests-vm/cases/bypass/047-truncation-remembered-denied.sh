# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# That an open with O_TRUNC was allowed allows no truncation of another file, whatever has the memory of the first.
. /guest/lib.sh

readonly COUNT=500

# Their names are not in the kernel's memory then.
forget() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
}

cgroup /web
file_system ext4 /srv 64M
mkdir /srv/kept
for number in $(seq $COUNT); do
	echo text >/srv/kept/$number
done
expect_allowed in-cgroup /web truncate-one-of /srv/kept $COUNT
for number in $(seq $COUNT); do
	echo text >/srv/kept/$number
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = write /srv/kept/**
END
bailiff_start

for _ in 1 2 3 4 5; do
	forget
	expect_denied in-cgroup /web truncate-one-of /srv/kept $COUNT
done
expect_equal "files that were truncated" "$(find /srv/kept -type f -size 0 | wc -l)" 0
expect_records 5 operation=truncate verdict=deny enforced=true object.path=/srv/kept/1 \
	$(rule 10-web 'deny = write')
echo text >/srv/free
expect_allowed in-cgroup /web open-trunc /srv/free
expect_allowed in-cgroup /web truncate /srv/free
bailiff_stop
umount /srv
