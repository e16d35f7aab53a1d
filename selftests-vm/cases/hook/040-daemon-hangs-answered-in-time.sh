# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# A daemon that does not answer holds no container up for longer than the configuration says.
. /guest/lib.sh
. /guest/oci.sh

# in_time MS COMMAND...: it takes that long, and not much longer.
in_time() {
	local begin_ms wanted_ms=$1 took_ms
	begin_ms=$(uptime_ms)
	shift
	"$@"
	took_ms=$(($(uptime_ms) - begin_ms))
	[ "$took_ms" -ge "$wanted_ms" ] || fail "took $took_ms ms, less than $wanted_ms"
	[ "$took_ms" -le $((wanted_ms * 2 + 1000)) ] || fail "took $took_ms ms, for a bound of $wanted_ms"
	echo "took $took_ms ms, bound $wanted_ms"
}

hook_alone() {
	oci_status=0
	$HOOK <<-END >"$oci_said" 2>&1 || oci_status=$?
		{"ociVersion": "1.0", "id": "alone", "pid": 1, "status": "created", "bundle": "/run/case/bundles/mail"}
	END
}

runtimes_install
bundle mail /hook/mail
bundle required /hook/required
bundle_set required '.annotations += {"bailiff.required": "true"}'
bailiff_start
expect_oci $OPENED runc required
kill -STOP "$daemon"

in_time 2000 hook_alone
expect_equal "the hook's exit code" "$oci_status" 0
expect_said "starts without having been bound: the daemon at '/run/bailiff/bailiff.sock' did not answer within 2000 ms"
hook_config 'timeout = 5s'
in_time 5000 hook_alone
hook_config 'timeout = 300ms' 'on_unavailable = refuse'
in_time 300 hook_alone
expect_equal "the hook's exit code" "$oci_status" 1
rm $HOOK_CONFIG

for runtime in crun runc; do
	expect_oci $OPENED $runtime mail
	expect_refused $runtime required
	expect_said "did not answer within 2000 ms"
done
kill -CONT "$daemon"
expect_oci $OPENED crun required
