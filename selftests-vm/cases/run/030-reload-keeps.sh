# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A reload while a command runs keeps its policy, by what it was when it began; a policy of the same name and file in the
# daemon's directory is another one, and a broken directory neither keeps a run from starting nor comes into force by it.
. /guest/lib.sh

secret /srv/secret /srv/other
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END
bailiff_start
run_start --policy /srv/try.ini -- probe waiting /run/case/ready /run/case/go open-read /srv/secret
wait_until "the command" test -e /run/case/ready
rm /srv/try.ini

policy 10-try <<-'END'
	[policy]
	name = try
	[select]
	cgroup = /web
	[file]
	deny = read /srv/other
END
cgroup /web
for _ in 1 2; do
	bailiff_reload
done
expect_equal "names" "$(status_value '[.policies[].name | sub("@.*"; "@")] | join(" ")')" "try try@"
expect_denied in-cgroup /web open-read /srv/other
expect_allowed in-cgroup /web open-read /srv/secret

# What is written and not reloaded stays where it is.
echo nonsense >>"$policies/10-try.ini"
run_policy second <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/other
END
expect_run 1 --policy /srv/second.ini -- probe open-read /srv/other
expect_run 0 --policy /srv/second.ini -- probe open-read /srv/secret
expect_denied in-cgroup /web open-read /srv/other
bailiff_reload
expect_log "reload refused"
expect_denied in-cgroup /web open-read /srv/other

touch /run/case/go
expect_exit 1 $runner
expect_run_gone
