# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A bind mount gives a tree other names: not where more could be allowed under them, and not over names that are denied.
. /guest/lib.sh

binds() {
	"$@" in-cgroup /web own-mounts bind /srv/private /srv/there
	"$@" in-cgroup /web own-mounts bind-all /srv/private /srv/there
	"$@" in-cgroup /web own-mounts bind-private /srv/private /srv/there
	"$@" in-cgroup /web own-mounts bind /srv /srv/there
	"$@" in-cgroup /web own-mounts bind /srv/private/secret /srv/file
	"$@" in-cgroup /web own-mounts bind /srv/here /srv/programs
	"$@" in-cgroup /web own-mounts bind /srv/here /srv/written
	"$@" in-cgroup /web own-mounts bind /srv/file /srv/written/file
	"$@" in-cgroup /web own-mounts in-directory /srv/private bind . /srv/there
}

cgroup /web /reader
mkdir -p /srv/unread /srv/there /srv/programs
secret /srv/private/secret /srv/here/file /srv/file /srv/written/file
binds expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	allow = /srv/programs/**
	deny = /srv/**
	[file]
	deny = read /srv/private/**
	deny = modify /srv/written/**
END
policy 20-reader <<-'END'
	[policy]
	name = reader
	[select]
	cgroup = /reader
	[file]
	deny = read /srv/private/** /srv/unread/** /srv/unread
END
bailiff_start

binds expect_denied
expect_records 5 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/there rule=null
expect_records 1 operation=mount fail=alias object.path=/srv/file
expect_records 1 operation=mount fail=alias object.path=/srv/programs
expect_records 1 operation=mount fail=alias object.path=/srv/written
expect_records 1 operation=mount fail=alias object.path=/srv/written/file
expect_records 9 record=access
expect_equal "failed as alias" "$(status_value '.containers[] | select(.cgroup == "/web").failed.alias')" 9

# What is mounted is not known in time: it may be done where nothing could be gained by it.
expect_allowed in-cgroup /reader own-mounts bind /srv/here /srv/unread
expect_allowed in-cgroup /reader own-mounts each bind /srv/here /srv/unread also remount /srv/unread
expect_denied in-cgroup /reader own-mounts bound /srv/here /srv/unread open-read /srv/unread/file
expect_allowed in-cgroup /reader own-mounts make-private /
expect_denied in-cgroup /reader own-mounts bind /srv/private /srv/there
expect_allowed own-mounts bind /srv/private /srv/there
