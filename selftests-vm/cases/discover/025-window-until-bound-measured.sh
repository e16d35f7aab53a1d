# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# How long a container that is selected by its name is not bound after its cgroup was made; one that is selected by its
# path is bound before anybody can enter it.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret
for way in 'container = web-*' 'cgroup = /lxc.payload.*'; do
	policy "10-${way%% *}" <<-END
		[policy]
		name = ${way%% *}
		[select]
		$way
		[file]
		deny = read /srv/secret
	END
done
mkdir -p /var/lib/docker
bailiff_start

# The clock of records, in ms.
now_ms() {
	jq -n 'now * 1000 | floor'
}

started_ms() {
	records record=container container.name="$1" |
		jq '.time | sub("\\.[0-9]*Z$"; "Z") as $whole | (sub("^[^.]*"; "0") | sub("Z$"; "") | tonumber) as $part |
			($whole | fromdate) * 1000 + $part * 1000 | floor'
}

mkdir -p /sys/fs/cgroup/docker
windows=
for number in 1 2 3 4 5 6 7 8 9 10; do
	id=$(hash "$number")
	docker_files "$id" "web-$number" nginx:1
	before=$(now_ms)
	mkdir "/sys/fs/cgroup/docker/$id"
	expect_records 1 record=container container.name="web-$number" >/dev/null
	windows="$windows $(($(started_ms "web-$number") - before))"
	expect_denied in-cgroup "/docker/$id" open-read /srv/secret
	mkdir "/sys/fs/cgroup/lxc.payload.$number"
	expect_denied in-cgroup "/lxc.payload.$number" open-read /srv/secret
done
echo "until bound, in ms:$windows"
for window in $windows; do
	[ "$window" -lt 5000 ] || fail "a container was not bound for $window ms"
done
