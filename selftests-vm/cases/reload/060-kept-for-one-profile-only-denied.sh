# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# What is kept with a file for one profile is not found by another one, be it in this generation or in a later one.
. /guest/lib.sh

readonly containers="1 2 3 4 5 6"

# allow_only NUMBER: its profile is the only one that may read the file.
allow_only() {
	local number access
	for number in $containers; do
		access=deny
		[ "$number" != "$1" ] || access=allow
		policy "$number" <<-END
			[policy]
			name = web$number
			[select]
			cgroup = /web$number
			[file]
			default = allow
			deny = write /srv/other$number
			$access = read /srv/shared/file
		END
	done
}

# Often enough for it to be kept.
read_it() {
	for _ in 1 2 3 4; do
		expect_allowed in-cgroup "/web$1" open-read /srv/shared/file
	done
}

secret /srv/shared/file
for number in $containers; do
	cgroup "/web$number"
	expect_allowed in-cgroup "/web$number" open-read /srv/shared/file
done
allow_only 1
bailiff_start

denied=0
for allowed in $containers; do
	read_it "$allowed"
	# Nobody opens it in the generation between: the next one of the same parity finds what was kept.
	allow_only 0
	bailiff_reload
	bailiff_reload
	for number in $containers; do
		expect_denied in-cgroup "/web$number" open-read /srv/shared/file
		denied=$((denied + 1))
	done
	expect_records "$denied" operation=open verdict=deny enforced=true object.path=/srv/shared/file
	allow_only $((allowed % 6 + 1))
	bailiff_reload
done
read_it 1
