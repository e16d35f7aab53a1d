# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# The engine's files and every bpffs: neither read nor written, made, removed, renamed, linked or changed, nor mounted
# over, and what is above them stays where it is. For a policy that allows all files, and for one that is about none.
. /guest/lib.sh

readonly CONFIG=/etc/bailiff/policies.d/10-web.ini
readonly PINS=/sys/fs/bpf/bailiff

# each_file STATEMENT [WHERE]...: on the engine's; what it would do if it were allowed is undone by nobody.
each_file() {
	local statement=$1
	shift
	"$statement" "$@" open-read $CONFIG
	"$statement" "$@" open-write $CONFIG
	"$statement" "$@" open-create /etc/bailiff/policies.d/99-own.ini
	"$statement" "$@" unlink $CONFIG
	"$statement" "$@" rename $CONFIG /srv/taken.ini
	"$statement" "$@" rename /srv/own.ini $CONFIG
	"$statement" "$@" rename /srv/own.ini /etc/bailiff/policies.d/99-own.ini
	"$statement" "$@" link $CONFIG /srv/linked.ini
	"$statement" "$@" link /srv/own.ini /etc/bailiff/linked.ini
	"$statement" "$@" rename /etc/bailiff /etc/bailiff-away
	"$statement" "$@" rename /etc /etc-away
	"$statement" "$@" make fifo /etc/bailiff/fifo
	"$statement" "$@" truncate $CONFIG
	"$statement" "$@" change-mode $CONFIG
	"$statement" "$@" change-owner $CONFIG
	"$statement" "$@" change-times $CONFIG
	"$statement" "$@" set-attribute $CONFIG trusted.own
	"$statement" "$@" open-read /run/bailiff/bailiff.pid
	"$statement" "$@" unlink /run/bailiff/bailiff.sock
	"$statement" "$@" open-read $PINS/maps
	"$statement" "$@" unlink $PINS/links/bl_file_open
	"$statement" "$@" rename $PINS /sys/fs/bpf/away
	"$statement" "$@" rmdir $PINS/maps
	"$statement" "$@" own-mounts mount-new tmpfs /etc/bailiff
	"$statement" "$@" own-mounts mount-new tmpfs /etc
	"$statement" "$@" own-mounts bind /srv/tree /etc/bailiff/policies.d
	"$statement" "$@" own-mounts remount /sys/fs/bpf
}
readonly FILES=27

# each_neighbour STATEMENT [WHERE]...: what is beside it.
each_neighbour() {
	local statement=$1
	shift
	"$statement" "$@" open-read /etc/own
	"$statement" "$@" open-create /etc/bailiff-own
	"$statement" "$@" rename /etc/bailiff-own /etc/bailiff-other
	"$statement" "$@" unlink /etc/bailiff-other
	"$statement" "$@" open-create /run/own
	"$statement" "$@" unlink /run/own
	"$statement" "$@" rename /srv/tree /srv/other-tree
	"$statement" "$@" rename /srv/other-tree /srv/tree
	"$statement" "$@" own-mounts mount-new tmpfs /srv/tree
	"$statement" "$@" own-mounts unmount /sys/fs/bpf
}

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/denied
END
policy 20-box <<-'END'
	[policy]
	name = box
	[select]
	cgroup = /box
	[exec]
	deny = /srv/denied
END
cgroup /web /box
mkdir -p /srv/tree
secret /etc/own
trap 'rm -f /etc/own /etc/bailiff-other /etc/bailiff-own' EXIT
echo own >/srv/own.ini
# Works without us, where the same names are nobody's.
mkdir -p /run/bailiff /etc/bailiff
: >/run/bailiff/bailiff.pid
for verb in open-read open-write change-mode change-owner change-times; do
	expect_allowed in-cgroup /web $verb $CONFIG
done
expect_allowed in-cgroup /web own-mounts mount-new tmpfs /etc/bailiff
expect_allowed in-cgroup /web own-mounts remount /sys/fs/bpf
bailiff_start

for cgroup in /web /box; do
	each_file expect_denied in-cgroup $cgroup
	expect_records $FILES record=access verdict=deny enforced=true fail=engine container.cgroup=$cgroup
done
expect_records 1 container.cgroup=/web operation=open object.path=$CONFIG permissions.asked='["read"]'
expect_records 1 container.cgroup=/box operation=open object.path=$CONFIG permissions.asked='["read"]'
expect_equal "the policy" "$(cat $CONFIG | wc -l)" 6
[ -e $PINS/links/bl_file_open ] || fail "a pin is gone"
for cgroup in /web /box; do
	each_neighbour expect_allowed in-cgroup $cgroup
	# A second time, when their directories are known.
	each_neighbour expect_allowed in-cgroup $cgroup
	each_file expect_denied in-cgroup $cgroup
done
expect_records $((4 * FILES)) record=access
each_neighbour expect_allowed
expect_allowed open-read $CONFIG
expect_denied in-cgroup /web open-read $CONFIG
