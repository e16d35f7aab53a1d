# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# While the engine is sealed a command is run under a policy all the same, and what was in force before loses nothing by it,
# neither when the run begins nor when it ends.
. /guest/lib.sh

opened() {
	echo 'open sesame' | bailiff unseal
}

secret /srv/secret /srv/other
cgroup /web
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/other
END
{
	echo '[daemon]'
	echo 'seal = yes'
	echo 'open sesame' | bailiff unseal --hash
} >/etc/bailiff/bailiff.ini
expect_allowed in-cgroup /web open-read /srv/secret
expect_allowed open-read /srv/other
bailiff_start
expect_equal "sealed" "$(status_value .sealed)" true
# Finds out by itself whether it is ever allowed.
probe in-cgroup /web hammer denied /run/case/stop open-read /srv/secret &
prober=$!

# What is written meanwhile stays out: only a reload would read it.
echo '; empty' >"$policies/10-web.ini"
expect_run 0 --policy /srv/try.ini -- probe open-read /srv/secret
expect_run 1 --policy /srv/try.ini -- probe open-read /srv/other
expect_records 1 operation=open verdict=deny object.path=/srv/other $(run_rule try 'deny = read /srv/other')
expect_run_gone
expect_equal "sealed" "$(status_value .sealed)" true
expect_equal "names" "$(status_value '[.policies[].name] | join(" ")')" web
expect_allowed open-read /srv/other
expect_denied in-cgroup /web open-read /srv/secret

# A file that would have policies hold for somebody else's cgroup is not taken.
echo '{"cgroup":"/web","cgroup_id":1,"policies":[{"file":"/x","text":"[policy]\nname = x\n"}]}' >/run/bailiff/runs/web-1.json
expect_code 0 probe request /run/bailiff/bailiff.sock '{"request":"run-start","run":"web-1"}'
expect_output "the daemon cannot read the run's file"
rm /run/bailiff/runs/web-1.json

touch /run/case/stop
expect_exit 0 "$prober"
wait_until "the seal to be open" opened
bailiff_stop TERM
