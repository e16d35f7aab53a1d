# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# --audit denies nothing and records everything; several policies hold together, and with those of the daemon.
. /guest/lib.sh

secret /srv/one /srv/two /srv/three
for name in one two; do
	run_policy $name <<-END
		[policy]
		name = $name
		[select]
		container = whatever
		[file]
		deny = read /srv/$name
	END
done
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/three
END
# The caller's cgroup is not among those.
policy 20-box <<-'END'
	[policy]
	name = box
	[select]
	cgroup = /box/*
	[file]
	deny = read /srv/three
END
cgroup /web /box
bailiff_start

expect_run 0 --audit --policy /srv/one.ini -- probe open-read /srv/one
run_said "denied: 0, would have been: 1;"
expect_records 1 verdict=deny enforced=false mode=audit $(run_rule one 'deny = read /srv/one')

expect_run 1 --policy /srv/one.ini --policy /srv/two.ini -- probe open-read /srv/one
expect_run 1 --policy /srv/one.ini --policy /srv/two.ini -- probe open-read /srv/two
expect_run 0 --policy /srv/one.ini --policy /srv/two.ini -- probe open-read /srv/three

# What the daemon has for the place where the command is holds for it as well.
# shellcheck disable=SC2016 # for the inner shell
expect_exit_from() {
	local status=0
	(
		exec sh -c 'echo $$ >"/sys/fs/cgroup$0/cgroup.procs" && exec bailiff "$@"' "$1" \
			run --policy /srv/one.ini -- probe open-read "$3"
	) || status=$?
	expect_equal "exit code of opening $3 from $1" "$status" "$2"
}
expect_exit_from /box 1 /srv/one
expect_exit_from /box 1 /srv/three
expect_exit_from /box 0 /srv/two
# Who is confined himself starts none.
expect_exit_from /web 125 /srv/two

# In a name as systemd makes them, and worse, nothing is a pattern.
readonly ODD='/a\x2db*[c]{d}?.scope'
cgroup "$ODD"
expect_exit_from "$ODD" 1 /srv/one
expect_exit_from "$ODD" 0 /srv/three
expect_denied in-cgroup /web open-read /srv/three
expect_allowed in-cgroup /web open-read /srv/one
expect_run_gone

# A policy that is off says so.
sed 's/name = one/name = one\nmode = off/' /srv/one.ini >/srv/off.ini
expect_run 0 --policy /srv/off.ini -- probe open-read /srv/one
run_said "the policy 'one' is off"
expect_run 0 --audit --policy /srv/off.ini -- probe open-read /srv/one
run_said "would have been: 1;"
bailiff_stop TERM
bailiff_start --audit
expect_run 0 --policy /srv/one.ini -- probe open-read /srv/one
run_said "would have been: 1;"
