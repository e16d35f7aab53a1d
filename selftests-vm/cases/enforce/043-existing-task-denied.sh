# SPDX-License-Identifier: GPL-2.0-or-later
# Tasks that were in the cgroup before there was a policy are confined with it: leaders and other threads.
. /guest/lib.sh

cgroup /web /elsewhere
attack_set_up
tasks=
for verb in "exec /srv/denied" "open-read /srv/secret" "open-write /srv/config" \
	"connect-tcp4 127.0.0.1 8080" "connect-unix /srv/socket"; do
	for way in waiting in-thread; do
		rm -f /run/case/ready
		probe in-cgroup /web $way /run/case/ready /run/case/go $verb &
		tasks="$tasks $!"
		wait_until "the task" test -e /run/case/ready
	done
done
rm -f /run/case/ready
probe in-cgroup /elsewhere in-thread /run/case/ready /run/case/go open-read /srv/secret &
other=$!
wait_until "the task elsewhere" test -e /run/case/ready
attack_policy /web
bailiff_start

touch /run/case/go
for task in $tasks; do
	expect_exit 1 $task
done
expect_exit 0 $other
expect_records 10 verdict=deny container.cgroup=/web
