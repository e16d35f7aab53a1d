# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# A full disk costs records, which are counted, and nothing else; no half line stays in the file.
. /guest/lib.sh

cgroup /web
secret /srv/one /srv/two /srv/three
mkdir /run/case/small
mount -t tmpfs -o size=64k tmpfs /run/case/small
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/**
END
bailiff_start --events /run/case/small/events.jsonl

expect_denied in-cgroup /web open-read /srv/one
dd if=/dev/zero of=/run/case/small/filler bs=4k 2>/dev/null || true
for try in $(seq 20); do
	secret "/srv/full-$try"
	expect_denied in-cgroup /web open-read "/srv/full-$try"
done
expect_log "takes no records"
dropped=$(status_value '.daemon.sinks[] | select(.name == "jsonl").dropped')
[ "$dropped" -gt 0 ] || fail "nothing was counted as dropped"

rm /run/case/small/filler
expect_denied in-cgroup /web open-read /srv/two
has_told() {
	jq -e -s 'any(.[]; .record == "loss" and .reason == "sink" and .sink == "jsonl" and .count > 0)' \
		/run/case/small/events.jsonl >/dev/null
}
wait_until "a record of what was dropped" has_told
# What was dropped may include what was told about earlier drops.
sink_dropped=$(status_value '.daemon.sinks[] | select(.name == "jsonl").dropped')
expect_equal "what was told to be dropped" \
	"$(jq -s 'map(select(.record == "loss" and .reason == "sink")) | last.total' /run/case/small/events.jsonl)" \
	"$sink_dropped"
recorded=$(jq -s 'map(select(.record == "access")) | length' /run/case/small/events.jsonl)
if [ $((recorded + sink_dropped)) -lt 22 ] || [ "$recorded" -gt 21 ]; then
	fail "$recorded of 22 denials were recorded and $sink_dropped records dropped"
fi

bailiff_stop
umount /run/case/small
