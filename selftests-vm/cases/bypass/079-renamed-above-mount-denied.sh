# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# What is kept of a directory's or a file's path holds no more once anything above it is renamed,
# also above its mount.
. /guest/lib.sh

readonly MOUNTS="tmpfs bound tmpfs/nested"
readonly FILES="file below/file"

# often VERB PATH: often enough for it to be kept.
often() {
	for _ in 1 2 3 4 5; do
		expect_allowed in-cgroup /web "$@"
	done
}

# below_mounts STATEMENT DIR: by path, from a directory and by a descriptor of one.
below_mounts() {
	local statement=$1 top=$2/above mount file
	for mount in $MOUNTS; do
		for file in $FILES; do
			"$statement" in-cgroup /web open-read "$top/$mount/$file"
			"$statement" in-cgroup /web in-directory "$top/$mount" open-read "$file"
			"$statement" in-cgroup /web holding path "$top/$mount" \
				open-at held "$file"
		done
	done
}

# below_mounts_often VERB DIR
below_mounts_often() {
	local mount file
	for mount in $MOUNTS; do
		for file in $FILES; do
			often "$1" "$2/above/$mount/$file"
		done
	done
}

# Somebody holds a directory from before a rename until after it.
hold() {
	rm -f /run/case/ready /run/case/go
	probe in-cgroup /web holding path "$1" waiting /run/case/ready /run/case/go \
		open-at held file &
	holder=$!
	wait_until "the holder" test -e /run/case/ready
}

let_go() {
	touch /run/case/go
	expect_exit "$1" "$holder"
}

cgroup /web
mkdir -p /srv/free/above/tmpfs /srv/free/above/bound /srv/elsewhere
mount -t tmpfs tmpfs /srv/free/above/tmpfs
mount --bind /srv/elsewhere /srv/free/above/bound
mkdir /srv/free/above/tmpfs/nested
mount -t tmpfs tmpfs /srv/free/above/tmpfs/nested
for mount in $MOUNTS; do
	for file in $FILES; do
		secret "/srv/free/above/$mount/$file"
	done
done
secret /srv/free/plain/file
below_mounts expect_allowed /srv/free
mv /srv/free /srv/kept
below_mounts expect_allowed /srv/kept
mv /srv/kept /srv/free

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/kept/**
END
bailiff_start

for round in 1 2; do
	below_mounts_often open-read /srv/free
	hold /srv/free/above/tmpfs
	mv /srv/free /srv/kept
	below_mounts expect_denied /srv/kept
	let_go 1
	below_mounts_often open-write /srv/kept
	hold /srv/kept/above/tmpfs
	mv /srv/kept /srv/free
	let_go 0
	below_mounts expect_allowed /srv/free
	expect_records $((19 * round)) verdict=deny enforced=true $(rule 10-web 'deny = read')
	for mount in $MOUNTS; do
		expect_records $((3 * round)) object.path=/srv/kept/above/$mount/below/file
	done
done
mkdir /srv/kept
below_mounts_often open-read /srv/free
mv /srv/free/above /srv/kept
below_mounts expect_denied /srv/kept
mv /srv/kept/above /srv/free
below_mounts expect_allowed /srv/free

# A file is kept by itself.
often open-read /srv/free/plain/file
mv /srv/free/plain /srv/kept
expect_denied in-cgroup /web open-read /srv/kept/plain/file
often open-write /srv/kept/plain/file
expect_denied in-cgroup /web open-read /srv/kept/plain/file
mv /srv/kept/plain /srv/free
often open-read /srv/free/plain/file
rmdir /srv/kept
mv /srv/free /srv/kept
expect_denied in-cgroup /web open-read /srv/kept/plain/file
expect_records 3 operation=open verdict=deny enforced=true object.path=/srv/kept/plain/file \
	$(rule 10-web 'deny = read')
expect_records 59 record=access
mv /srv/kept /srv/free
expect_allowed in-cgroup /web open-read /srv/free/plain/file
umount /srv/free/above/tmpfs/nested /srv/free/above/tmpfs /srv/free/above/bound
