# SPDX-License-Identifier: GPL-2.0-or-later
# What a task could not open it is not given opened by another one, be that inside its container or outside.
. /guest/lib.sh

# passer MODE PATH NAME: gives the file to whoever connects to /srv/NAME.
passer() {
	probe holding "$1" "$2" pass "/run/case/ready-$3" "/srv/$3" &
	eval "pid_$3=$!"
	wait_until "the passer" test -e "/run/case/ready-$3"
}

receives() {
	"$1" in-cgroup /web receive /srv/reads
	"$1" in-cgroup /web receive /srv/writes
	"$1" in-cgroup /web take "$pid_reads" 100
	"$1" in-cgroup /web receive /srv/looks
}

cgroup /web
secret /srv/secret /srv/public
mkdir /srv/directory
passer r /srv/secret reads
passer w /srv/public writes
passer r /srv/public allowed
passer path /srv/secret path
passer r /srv/directory looks
receives expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret /srv/directory
	deny = write /srv/public
END
bailiff_start

receives expect_denied
expect_records 2 operation=receive verdict=deny enforced=true object.path=/srv/secret \
	permissions.denied='["read"]' $(rule 10-web 'deny = read')
expect_records 1 operation=receive object.path=/srv/directory $(rule 10-web 'deny = read')
expect_records 1 operation=receive object.path=/srv/public permissions.denied='["write"]' $(rule 10-web 'deny = write')
expect_records 4 record=access
expect_allowed in-cgroup /web receive /srv/allowed
expect_allowed in-cgroup /web receive /srv/path
expect_allowed receive /srv/reads
