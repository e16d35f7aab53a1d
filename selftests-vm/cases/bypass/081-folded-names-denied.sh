# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# Where a name has several spellings, a path is allowed what every name is that could stand there.
. /guest/lib.sh

readonly SPELLINGS="SECRET Secret secret DIRECTORY/Private/file directory/private/FILE Mounted/file"

mount_all() {
	mount -t "$1" -o loop "/run/case/$1.image" "/srv/$1"
	mount --bind "/srv/$1/plain" "/srv/plain-$1"
	mount -t tmpfs tmpfs "/srv/$1/Mounted"
	secret "/srv/$1/Mounted/file"
}

umount_all() {
	umount "/srv/$1/Mounted" "/srv/plain-$1" "/srv/$1"
}

# The kernel forgets the names it knows: a file then has the spelling it is looked up by.
forget() {
	umount_all "$1"
	mount_all "$1"
}

# opens STATEMENT TYPE
opens() {
	local path
	for path in $SPELLINGS; do
		forget "$2"
		"$1" in-cgroup /web open-read "/srv/$2/$path"
	done
	forget "$2"
	"$1" in-cgroup /web in-directory "/srv/$2/DIRECTORY/private" open-read file
}

# neighbours STATEMENT TYPE: nothing below is denied that.
neighbours() {
	forget "$2"
	"$1" in-cgroup /web open-write "/srv/$2/PUBLIC"
	"$1" in-cgroup /web open-write "/srv/$2/public"
	"$1" in-cgroup /web change-times "/srv/$2/public"
	"$1" in-cgroup /web make directory "/srv/$2/New"
	"$1" in-cgroup /web rmdir "/srv/$2/new"
	"$1" in-cgroup /web open-read "/srv/plain-$2/file"
	"$1" in-cgroup /web open-read "/srv/plain-$2/FILE"
}

cgroup /web
module loop vfat nls_cp437 nls_ascii
truncate -s 64M /run/case/vfat.image
mkdosfs /run/case/vfat.image >/dev/null
mkdir -p /srv/vfat /srv/plain-vfat /srv/plain-ext4
mount -t vfat -o loop /run/case/vfat.image /srv/vfat
file_system ext4 /srv/ext4 64M -O casefold
rmdir /srv/ext4/lost+found
probe holding r /srv/ext4 change-flags casefold
for type in vfat ext4; do
	mkdir /srv/$type/mounted
	secret /srv/$type/secret /srv/$type/public /srv/$type/plain/file \
		/srv/$type/directory/private/file
	umount /srv/$type
	mount_all $type
	opens expect_allowed $type
	neighbours expect_allowed $type
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/vfat/secret /srv/vfat/directory/private/* /srv/vfat/mounted/file
	deny = read /srv/ext4/secret /srv/ext4/directory/private/* /srv/ext4/mounted/file
END
bailiff_start

for type in vfat ext4; do
	opens expect_denied $type
	for path in $SPELLINGS DIRECTORY/private/file; do
		expect_records 1 operation=open verdict=deny enforced=true fail=folded \
			object.path=/srv/$type/$path rule=null
	done
	forget $type
	expect_denied in-cgroup /web open-read /srv/$type/public
	expect_records 1 operation=open fail=folded object.path=/srv/$type/public rule=null
	neighbours expect_allowed $type
done
expect_records 16 record=access
expect_equal "failed as folded" \
	"$(status_value '.containers[] | select(.cgroup == "/web").failed.folded')" 16
for type in vfat ext4; do
	umount_all $type
done
