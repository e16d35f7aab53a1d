# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Containers that are selected by what their runtimes know, and those that have the default, are held without a gap while
# runs start and end.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret /srv/other /srv/mine
web=/docker/$(hash 1)
mail=/docker/$(hash 2)
docker_files "$(hash 1)" web nginx:1
docker_files "$(hash 2)" mail exim:4
# Without records: they would keep the daemon busy for long.
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web
	[file]
	deny = read /srv/secret log=off
END
policy 90-fallback <<-'END'
	[policy]
	name = fallback
	[select]
	label = bailiff.policy=default
	[file]
	deny = read /srv/other
END
printf '[containers]\ndefault_policy = fallback\n' >/run/case/bailiff.ini
run_policy try <<-'END'
	[policy]
	name = try
	[select]
	container = web
	host = elsewhere
	[file]
	deny = read /srv/mine
END
cgroup "$web" "$mail"
expect_allowed in-cgroup "$web" open-read /srv/secret
bailiff_start --config /run/case/bailiff.ini

# held: each by what it had.
held() {
	expect_bound "$web" web
	expect_bound "$mail" fallback
	expect_denied in-cgroup "$web" open-read /srv/secret
	expect_denied in-cgroup "$mail" open-read /srv/other
	expect_allowed in-cgroup "$web" open-read /srv/mine
}

held
probe in-cgroup "$web" hammer denied /run/case/stop open-read /srv/secret >/run/case/hammer.log &
hammer=$!
for _ in 1 2 3; do
	expect_run 1 --policy /srv/try.ini -- probe open-read /srv/mine
	expect_run 0 --policy /srv/try.ini -- probe open-read /srv/secret
done
expect_run_gone
touch /run/case/stop
expect_exit 0 $hammer
held
