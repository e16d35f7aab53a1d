# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What a task does on an overlay the overlay does once more below, as the task: it is decided and told of once.
. /guest/lib.sh

readonly ACTS="open-write:@ open-rdwr:@ open-trunc:@ truncate:@ change-mode:@ change-owner:@ change-times:@
	set-attribute:@:trusted.name rename:@:@new unlink:@ link:@:@new map:@"

fresh() {
	mkdir -p /run/case/image/$1 /run/case/upper /run/case/work
	rm -rf /run/case/image/$1/* /run/case/upper/* /run/case/work/*
	number=0
	for act in $ACTS; do
		number=$((number + 1))
		echo text >/run/case/image/$1/$number
	done
	mkdir -p /srv/root
	mount -t overlay -o lowerdir=/run/case/image,upperdir=/run/case/upper,workdir=/run/case/work \
		overlay /srv/root
}

# acts STATEMENT PLACE
acts() {
	local act statement=$1 place=$2
	fresh "$place"
	number=0
	for act in $ACTS; do
		number=$((number + 1))
		"$statement" in-cgroup /web $(echo "$act" | sed "s|@|/srv/root/$place/$number|g" | tr : ' ')
	done
	"$statement" in-cgroup /web make directory /srv/root/$place/directory
	"$statement" in-cgroup /web open-new /srv/root/$place/file
	umount /srv/root
}

cgroup /web
module overlay
acts expect_allowed denied
acts expect_allowed audited

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = modify map /srv/root/denied/**
	audit = all /srv/root/audited/**
END
bailiff_start

acts expect_denied denied
acts expect_allowed audited
told() {
	jq -r 'select(.record == "access" and .verdict == "'"$1"'") |
		"\(.operation) \(.object.path | sub(".*/"; "")) \(.permissions.'"$2"' | join(",")) \([1, .repeat] | max)"' \
		"$events" | sort >/run/case/told
	sort | diff - /run/case/told || fail "the records of $1 are others: $(wc -l </run/case/told)"
}
expect_records 14 verdict=deny enforced=true $(rule 10-web 'deny = modify')
told deny denied <<-'END'
	open 1 write 1
	open 2 write 1
	open 3 write 1
	truncate 4 write 1
	attr 5 attr 1
	attr 6 attr 1
	attr 7 attr 1
	attr 8 attr 1
	rename 9new create 1
	delete 10 delete 1
	link 11new create 1
	map 12 map 1
	create directory create 1
	create file create 1
END
expect_records 17 verdict=audit enforced=false $(rule 10-web 'audit = all')
told audit audited <<-'END'
	open 1 write 1
	open 2 read,write 1
	open 3 read,write 1
	truncate 4 write 1
	attr 5 attr 1
	attr 6 attr 1
	attr 7 attr 1
	attr 8 attr 1
	rename 9 delete 1
	rename 9new create 1
	delete 10 delete 1
	link 11new create 1
	open 12 read 1
	map 12 map 1
	create directory create 1
	create file create 1
	open file write 1
END
