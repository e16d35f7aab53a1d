# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A daemon that dies all the same, by the kernel's own doing, takes nothing with it: what is in force stays, and nobody
# takes it over or away before the machine is restarted.
. /guest/lib.sh

secret /srv/secret
cgroup /web /away
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start --seal
expect_log "sealed until the machine is restarted"
status=0
echo anything | bailiff unseal 2>/run/case/refusal || status=$?
expect_equal "unseal" "$status" 1
grep -q "only a restart of the machine opens the seal" /run/case/refusal || fail "another refusal: $(cat /run/case/refusal)"

echo "$daemon" >/sys/fs/cgroup/away/cgroup.procs
echo 1 >/sys/fs/cgroup/away/cgroup.kill
expect_exit 137 "$daemon"
machine_spent
expect_denied in-cgroup /web open-read /srv/secret
expect_denied unlink /sys/fs/bpf/bailiff/links/bl_file_open
for verb in "daemon --policies $policies" unload status; do
	status=0
	# shellcheck disable=SC2086
	bailiff $verb >/run/case/refusal 2>&1 || status=$?
	[ "$status" -ne 0 ] || fail "bailiff $verb is not refused"
	grep -q "stays until the machine is restarted" /run/case/refusal || fail "$verb: $(cat /run/case/refusal)"
	echo "refused: bailiff $verb"
	expect_denied in-cgroup /web open-read /srv/secret
done
