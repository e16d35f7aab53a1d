# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# Extended attributes and access control lists are set and removed, by name, by descriptor and of symbolic links.
. /guest/lib.sh

readonly ACL=system.posix_acl_access
readonly DEFAULT_ACL=system.posix_acl_default

rows() {
	for name in trusted.name security.name $ACL; do
		asks attr:attr:file -- set-attribute @/file $name
		asks attr:attr:file -- holding r @/file set-attribute held $name
	done
	asks attr:attr:full -- set-attribute @/full $DEFAULT_ACL
	asks attr:attr:link -- set-attribute-at @/link trusted.name
	asks attr:attr:file -- set-attribute-at @/file trusted.name
}

removals() {
	for permission in $asking_of; do
		prepare "/srv/$permission/$((rows + 1))" file trusted.name
		prepare "/srv/$permission/$((rows + 2))" file trusted.name
		prepare "/srv/$permission/$((rows + 3))" file $ACL
		prepare "/srv/$permission/$((rows + 4))" full $DEFAULT_ACL
		prepare "/srv/$permission/$((rows + 5))" link trusted.name
	done
	asks attr:attr:file -- remove-attribute @/file trusted.name
	asks attr:attr:file -- holding r @/file remove-attribute held trusted.name
	asks attr:attr:file -- remove-attribute @/file $ACL
	asks attr:attr:full -- remove-attribute @/full $DEFAULT_ACL
	asks attr:attr:link -- remove-attribute-at @/link trusted.name
}

# prepare DIR OBJECT NAME
prepare() {
	things "$1"
	probe set-attribute-at "$1/$2" "$3"
}

# They are there already when a removal is asked for.
things() {
	[ -e "$1" ] || {
		mkdir -p "$1/full"
		echo file >"$1/file"
		ln -s file "$1/link"
	}
}

cgroup /web
rows
removals
asking_policy
bailiff_start
rows
removals
expect_asked
