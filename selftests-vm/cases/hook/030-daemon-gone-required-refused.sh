# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# Without a daemon a container that asks for confinement is refused, with a message that says why and what to do; one that
# does not starts, unless the configuration refuses it. What was in force still is.
. /guest/lib.sh
. /guest/oci.sh

runtimes_install
bundle web /hook/web
bundle mail /hook/mail
bundle required /hook/required
bundle_set required '.annotations += {"bailiff.required": "true"}'
bundle unclear /hook/unclear
bundle_set unclear '.annotations += {"bailiff.required": "yes"}'
bundle optional /hook/optional
bundle_set optional '.annotations += {"bailiff.required": "false"}'
secret_policy
bailiff_start
for runtime in crun runc; do
	expect_oci $OPENED $runtime required
done
bailiff_stop

syslogd -n -O /run/case/syslog &
wait_until "the log" test -S /dev/log
for runtime in crun runc; do
	expect_refused $runtime required
	expect_said "container '$runtime-required' is refused: its annotation 'bailiff.required' is 'true', and no daemon listens"
	expect_said "start it: systemctl start bailiff"
	expect_oci $OPENED $runtime mail
done
# Its cgroup was bound in the kernel, when it was made. runc would need the hook to open its fifo.
expect_oci $DENIED crun web
logged() {
	[ "$(grep -c "is refused: its annotation 'bailiff.required' is 'true'" /run/case/syslog)" = 2 ]
}
wait_until "both in the log" logged

expect_refused crun unclear
expect_said "is neither 'true' nor 'false'"
expect_oci $OPENED crun optional
expect_said "container 'crun-optional' starts without having been bound: no daemon listens"

hook_config 'on_unavailable = refuse'
for runtime in crun runc; do
	expect_refused $runtime mail
	expect_said "container '$runtime-mail' is refused, by 'on_unavailable = refuse' in '$HOOK_CONFIG': no daemon listens"
done
hook_config 'on_unavailable = perhaps'
expect_refused crun mail
expect_said "$HOOK_CONFIG:2:18: 'perhaps' is not a value for 'on_unavailable'; expected 'refuse' or 'allow'"
rm $HOOK_CONFIG

bailiff_start
expect_oci $OPENED crun required
