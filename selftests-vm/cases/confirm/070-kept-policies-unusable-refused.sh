# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Where nothing can be kept nothing is put in force that might have to return; and a daemon that cannot tell what was
# confirmed does not start, while what is in force stays.
. /guest/lib.sh

readonly kept=/var/lib/bailiff/kept.json

# not_started TEXT: the daemon ends with that message.
not_started() {
	expect_code 4 bailiff daemon --policies "$policies" --events "$events"
	expect_output "$1"
	in_force before
}

two_policies_set_up
two_policies before
printf '[daemon]\nstate_dir = /srv/small\n' >/run/case/bailiff.ini
mkdir -m 700 /srv/small
mount -t tmpfs -o size=16k,mode=700 tmpfs /srv/small
bailiff_start --config /run/case/bailiff.ini
in_force before
always_begins
generation=$(status_value .generation)

dd if=/dev/zero of=/srv/small/filler bs=4k 2>/dev/null || true
two_policies after
expect_code 4 bailiff reload --confirm 1h
expect_output "what is in force cannot be kept in state_dir: No space left on device"
expect_equal "generation" "$(status_value .generation)" "$generation"
expect_equal "what waits" "$(status_value .confirmation)" null
expect_equal "files" "$(ls /srv/small)" filler
expect_records 1 record=reload outcome=refused cause=machine
in_force before
rm /srv/small/filler
expect_code 0 bailiff reload --confirm 1h
in_force after
bailiff_stop
in_force before
umount /srv/small

mkdir -p /var/lib/bailiff
chmod 700 /var/lib/bailiff
echo nonsense >$kept
not_started "kept.json' cannot be read: it is not what bailiff writes; to start with those of the configuration instead, remove it"
rm $kept
chmod 777 /var/lib/bailiff
not_started "'/var/lib/bailiff' can be written by others: chown root '/var/lib/bailiff' && chmod 700 '/var/lib/bailiff'"
chmod 700 /var/lib/bailiff
bailiff_start
in_force after
always_ends
