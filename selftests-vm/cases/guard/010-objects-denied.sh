# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The engine's maps, programs and links, by number and by pin, and whatever watches the kernel: not for confined tasks,
# whatever their policies say. Theirs are theirs.
. /guest/lib.sh

readonly PINS=/sys/fs/bpf/bailiff
readonly WATCHING="kprobe tracepoint perf_event raw_tracepoint lsm fentry fmod_ret"
readonly NETWORK="socket_filter xdp cgroup_skb"

# number KIND NAME: of an object of the engine's.
number() {
	probe bpf-list | awk -v kind="$1" -v name="$2" '$1 == kind && $3 == name { print $2; exit }'
}

# each_object STATEMENT [WHERE]...: by number, then by pin.
each_object() {
	local statement=$1
	shift
	"$statement" "$@" object map "$map"
	"$statement" "$@" object map "$guard"
	"$statement" "$@" object prog "$program"
	"$statement" "$@" object prog "$enroll"
	"$statement" "$@" object link "$link"
	"$statement" "$@" object map $PINS/maps/state
	"$statement" "$@" object prog $PINS/progs/bl_enroll
	"$statement" "$@" object link $PINS/links/bl_file_open
}
readonly OBJECTS=8

# An enforced policy that has nothing to say about any of it.
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
cgroup /web
for type in $WATCHING $NETWORK; do
	expect_allowed in-cgroup /web load "$type"
done
expect_allowed in-cgroup /web own-map pinned /sys/fs/bpf/own
bailiff_start
map=$(number map bindings)
guard=$(number map bailiff_.data.g)
[ -n "$guard" ] || guard=$(number map .data.guard)
program=$(number prog bl_file_open)
enroll=$(number prog bl_enroll)
link=$(probe bpf-list | awk '$1 == "link" { print $2; exit }')
each_object expect_allowed

each_object expect_denied in-cgroup /web
expect_denied in-cgroup /web own-map pinned /sys/fs/bpf/own
for type in $WATCHING; do
	expect_denied in-cgroup /web load "$type"
done
denied=$((OBJECTS + 1 + 7))
expect_records $denied record=access operation=privilege verdict=deny enforced=true mode=enforce fail=engine \
	permissions.denied='["use"]' object.kind=privilege object.name=bpf container.cgroup=/web
expect_equal "refused as the engine's" "$(status_value '.containers[0].failed.engine')" $denied
expect_equal "denied by rules" "$(status_value '.containers[0].denied')" 0

for type in $NETWORK; do
	expect_allowed in-cgroup /web load "$type"
done
expect_allowed in-cgroup /web own-map by-number -
for type in $WATCHING; do
	expect_allowed load "$type"
done
expect_allowed own-map pinned /sys/fs/bpf/own
each_object expect_allowed
