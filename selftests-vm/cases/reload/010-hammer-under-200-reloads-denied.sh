# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# While two policies that both deny a file replace each other, no open of it succeeds and no other fails.
. /guest/lib.sh

readonly RELOADS=200

write_policy() {
	policy 10-web <<-END
		; variant $1
		[policy]
		name = web
		[select]
		cgroup = /web
		[file]
		deny = read /srv/variant-$1/**
		deny = read $2
	END
}

cgroup /web
secret /srv/secret /srv/public
expect_allowed in-cgroup /web open-read /srv/secret
write_policy 0 /srv/secret
bailiff_start --log-level warning

hammers=
for worker in 1 2; do
	probe in-cgroup /web hammer denied /run/case/stop open-read /srv/secret >/run/case/denied-$worker.log &
	hammers="$hammers $!"
	probe in-cgroup /web hammer allowed /run/case/stop open-read /srv/public >/run/case/allowed-$worker.log &
	hammers="$hammers $!"
done

reload=0
while [ "$reload" -lt "$RELOADS" ]; do
	reload=$((reload + 1))
	if [ $((reload % 2)) -eq 0 ]; then
		write_policy 0 /srv/secret
	else
		write_policy 1 '/srv/sec*'
	fi
	bailiff_reload
done
touch /run/case/stop
for hammer in $hammers; do
	expect_exit 0 $hammer
done
cat /run/case/*ed-*.log
expect_equal "reloads applied" "$(records record=reload outcome=applied | wc -l)" "$RELOADS"
expect_equal "undecided" \
	"$(status_value '[.containers[].failed | add // 0] | add')" 0
