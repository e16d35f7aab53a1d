# SPDX-License-Identifier: GPL-2.0-or-later
# The guest is what the other cases take for granted.
. /guest/lib.sh

grep -q bpf /sys/kernel/security/lsm || fail "bpf is not among the active LSMs"
test -s /sys/kernel/btf/vmlinux || fail "the kernel has no BTF"
cgroup /web/worker
secret /srv/secret
program /srv/program
listen tcp4 127.0.0.1 8080 tcp6 ::1 8080 unix /srv/socket abstract name

for where in "in-cgroup /web" "fork-into-cgroup /web/worker" "in-thread /run/case/ready /run/case/ready"; do
	expect_allowed $where exec /srv/program
	for verb in open-read open-write open-rdwr open-append open-trunc; do
		expect_allowed $where $verb /srv/secret
	done
	expect_allowed $where connect-tcp4 127.0.0.1 8080
	expect_allowed $where connect-tcp6 ::1 8080
	expect_allowed $where connect-tcp6 ::ffff:127.0.0.1 8080
	expect_allowed $where connect-unix /srv/socket
	expect_allowed $where connect-abstract name
done
