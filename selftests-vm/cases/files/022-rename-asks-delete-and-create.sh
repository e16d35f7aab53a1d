# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A rename deletes the old name and creates the new one; what it replaces is deleted as well.
. /guest/lib.sh

rows() {
	asks delete:rename:file create:rename:new -- rename @/file @/new
	asks delete:rename:file create:rename:new -- rename-new @/file @/new
	asks delete:rename:link create:rename:new -- rename @/link @/new
	asks delete:rename:directory create:rename:new -- rename @/directory @/new
	asks delete:rename:full create:rename:other-directory/new -- rename @/full @/other-directory/new
}

# Which name it is that denies can be told only where they differ.
one_of_two() {
	secret /srv/there/old /srv/there/other /srv/kept/old /srv/kept/other
	mkdir -p /srv/free
	"$@" rename /srv/free/file /srv/kept/old
	"$@" exchange /srv/free/file /srv/kept/other
	"$@" exchange /srv/kept/other /srv/free/file
	"$@" rename /srv/kept/old /srv/free/new
	"$@" rename /srv/free/file /srv/there/new
	"$@" exchange /srv/free/file /srv/there/old
	"$@" exchange /srv/there/other /srv/free/file
}

allowed_by_names() {
	secret /srv/free/file
	expect_allowed in-cgroup /names "$@"
}

denied_by_names() {
	secret /srv/free/file
	expect_denied in-cgroup /names "$@"
}

cgroup /web /names
rows
one_of_two allowed_by_names
asking_policy
policy 20-names <<-'END'
	[policy]
	name = names
	[select]
	cgroup = /names
	[file]
	deny = delete /srv/kept/*
	deny = create /srv/there/*
END
bailiff_start
rows
expect_asked

one_of_two denied_by_names
kept=$(rule 20-names 'deny = delete /srv/kept')
there=$(rule 20-names 'deny = create /srv/there')
expect_records 2 operation=rename object.path=/srv/kept/old permissions.denied='["delete"]' $kept
expect_records 2 operation=rename object.path=/srv/kept/other permissions.denied='["delete"]' $kept
expect_records 1 operation=rename object.path=/srv/there/new permissions.denied='["create"]' $there
expect_records 1 operation=rename object.path=/srv/there/old permissions.denied='["create"]' $there
expect_records 1 operation=rename object.path=/srv/there/other permissions.denied='["create"]' $there
expect_allowed in-cgroup /names rename /srv/free/file /srv/kept/new
secret /srv/free/file
expect_allowed in-cgroup /names rename /srv/free/file /srv/free/new
