# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# A path is the same on every file system, through bind mounts, nested mounts, another root and another namespace.
. /guest/lib.sh

# all_asked STATEMENT DIR [WHERE]...: everything that names are asked for, in a directory.
all_asked() {
	local statement=$1 dir=$2
	shift 2
	"$statement" in-cgroup /web "$@" open-read "$dir/file"
	"$statement" in-cgroup /web "$@" open-write "$dir/file"
	"$statement" in-cgroup /web "$@" change-mode "$dir/file"
	"$statement" in-cgroup /web "$@" change-times "$dir/file"
	"$statement" in-cgroup /web "$@" set-attribute "$dir/file" trusted.name
	"$statement" in-cgroup /web "$@" map "$dir/mapped"
	"$statement" in-cgroup /web "$@" truncate "$dir/file"
	"$statement" in-cgroup /web "$@" link "$dir/file" "$dir/linked"
	"$statement" in-cgroup /web "$@" rename "$dir/file" "$dir/renamed"
	"$statement" in-cgroup /web "$@" make fifo "$dir/made"
	"$statement" in-cgroup /web "$@" unlink "$dir/removed"
}

fresh() {
	secret "$1/file" "$1/removed" "$1/mapped"
	rm -f "$1/linked" "$1/renamed" "$1/made"
}


cgroup /web
file_system ext4 /srv/ext4 32M
file_system xfs /srv/xfs 300M
file_system btrfs /srv/btrfs 200M
mkdir -p /srv/tmpfs /srv/bound /srv/overlay /run/case/upper /run/case/work /run/case/lower/denied
mount -t tmpfs tmpfs /srv/tmpfs
fresh /run/case/lower/denied
module overlay
mount -t overlay -o lowerdir=/run/case/lower,upperdir=/run/case/upper,workdir=/run/case/work overlay /srv/overlay
secret /srv/xfs/elsewhere/denied/file /srv/xfs/elsewhere/denied/mapped /srv/xfs/elsewhere/denied/removed
mount --bind /srv/xfs/elsewhere /srv/bound
mkdir -p /srv/btrfs/in/nested
mount -t tmpfs tmpfs /srv/btrfs/in/nested
places="/srv/ext4 /srv/xfs /srv/btrfs /srv/tmpfs /srv/overlay /srv/bound /srv/btrfs/in/nested"
for place in $places; do
	fresh $place/denied
	all_asked expect_allowed $place/denied
	fresh $place/denied
	fresh $place/allowed
done

{
	cat <<-'END'
		[policy]
		name = web
		[select]
		cgroup = /web
		[file]
	END
	for place in $places; do
		echo "deny = all $place/denied/**"
	done
} | policy 10-web
bailiff_start

for place in $places; do
	all_asked expect_denied $place/denied
	expect_records 6 verdict=deny enforced=true object.path=$place/denied/file $(rule 10-web "deny = all $place/denied")
	expect_records 11 verdict=deny enforced=true $(rule 10-web "deny = all $place/denied")
	all_asked expect_allowed $place/allowed
	expect_denied in-cgroup /web in-root $place open-read /denied/file
	expect_denied in-cgroup /web own-mounts open-read $place/denied/file
	expect_denied in-cgroup /web open-deleted $place/denied/file
done
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
bailiff_stop
umount /srv/btrfs/in/nested /srv/bound /srv/overlay /srv/tmpfs /srv/btrfs /srv/xfs /srv/ext4
