# SPDX-License-Identifier: GPL-2.0-or-later
# disk: debian
# timeout: 300
# A day's work under a policy that allows what it needs and denies all else: a package is built from source, and thousands
# of files are archived, unpacked, searched, compared, changed and removed. Nothing is denied, nothing is undecided.
# shellcheck disable=SC2016 # for the Debian system's shells
. /guest/lib.sh
. /guest/debian.sh

readonly MAKE_SOURCES='
	set -e
	mkdir -p /srv/soak/project
	cd /srv/soak/project
	for i in $(seq 60); do
		printf "#include <stdio.h>\n#include <stdlib.h>\nint part_%d(int n) { return abs(n) + %d; }\n" $i $i >part$i.c
	done
	{
		seq 60 | sed "s/.*/int part_&(int n);/"
		echo "int main(void) { int sum = 0;"
		seq 60 | sed "s/.*/sum += part_&(1);/"
		echo "return sum == 1890 ? 0 : 1; }"
	} >main.c
	printf "OBJECTS = \$(patsubst %%.c,%%.o,\$(wildcard *.c))\n" >Makefile
	printf "project: \$(OBJECTS)\n\ttcc -o \$@ \$^\n" >>Makefile
	printf "%%.o: %%.c\n\ttcc -c -o \$@ \$<\n" >>Makefile
	printf "check: project\n\t./project\n.PHONY: check\n" >>Makefile'

readonly BUILD='
	set -e
	cd /srv/soak
	make --silent -j 2 -C project check
	mkdir -p package/DEBIAN package/usr/bin
	install -m 755 project/project package/usr/bin/project
	ln -s project package/usr/bin/project-link
	{
		echo "Package: project"
		echo "Version: 1"
		echo "Architecture: amd64"
		echo "Maintainer: nobody <nobody@example.org>"
		echo "Description: built under an allow-list"
	} >package/DEBIAN/control
	dpkg-deb --root-owner-group --build package project.deb >/dev/null
	dpkg-deb --extract project.deb unpacked
	unpacked/usr/bin/project-link
	make --silent -C project --always-make check'

readonly FILES='
	set -e
	cd /srv/soak
	tar -c -f tree.tar -C / usr/include usr/share etc
	mkdir copy
	tar -x -f tree.tar -C copy
	gzip -1 <tree.tar | gzip -d | cmp - tree.tar
	diff -r /usr/include copy/usr/include
	test "$(find copy -type f | wc -l)" -ge 3000
	test "$(grep -r -l "#define" copy | wc -l)" -ge 1000
	find copy -name "*.h" | sort | xargs sha256sum >sums
	sha256sum --check --quiet sums
	chmod -R go-w copy
	find copy -type d -exec touch {} +
	cp -a copy/usr/include second
	ln copy/usr/include/stdio.h linked.h
	mv second third
	find third -name "e*.h" | while read -r header; do
		mv "$header" "$header.old"
	done
	sed -i s/a/b/ third/errno.h.old
	truncate -s 0 third/elf.h.old
	rm -rf copy third linked.h tree.tar'

# soak COMMAND: the Debian shell does it in the cgroup.
soak() {
	in_debian_cgroup /soak /bin/sh -c "$1"
}

# refused COMMAND: it fails for the permission, and for nothing else.
refused() {
	local said
	if said=$(soak "$1" 2>&1); then
		fail "not refused: $1"
	fi
	case $said in
	*"Operation not permitted"*) echo "refused: $1" ;;
	*) fail "failed otherwise: $1: $said" ;;
	esac
}

cgroup /soak
debian_start
in_debian /bin/sh -c "$MAKE_SOURCES && echo secret >/root/secret"
policy 10-soak <<-'END'
	[policy]
	name = soak
	[select]
	cgroup = /soak
	[exec]
	default = deny
	allow = /usr/bin/{dash,make,tcc,install,dpkg-deb,tar,gzip,seq,sed,mkdir,ln,mv,cp,rm,cat,cmp,diff,find,grep,wc,sort,xargs}
	allow = /usr/bin/{sha256sum,chmod,touch,truncate}
	allow = /srv/soak/project/project /srv/soak/unpacked/usr/bin/project
	memory = deny
	anonymous = deny
	[file]
	default = deny
	allow = read map /usr/**
	allow = all /srv/soak/** /tmp/**
	allow = read / /etc /etc/** /proc/filesystems /proc/meminfo /proc/*/{maps,fd} /srv/soak /tmp
	allow = read write /dev/null
	[network]
	deny = connect tcp *
	deny = connect unix *
END
bailiff_start

begin=$(uptime_ms)
soak "$BUILD"
echo "built in $(($(uptime_ms) - begin)) ms"
begin=$(uptime_ms)
soak "$FILES"
echo "files in $(($(uptime_ms) - begin)) ms"

records record=access | jq -r '"\(.operation) \(.permissions.denied) \(.object)"' | sort | uniq -c
expect_equal "denied" "$(status_value '[.containers[].denied] | add')" 0
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
expect_equal "records" "$(count_records record=access)" 0

refused '/usr/bin/perl -e 1'
refused 'cat /root/secret'
refused 'echo text >/etc/new'
refused 'rm /usr/include/stdio.h'
refused 'chmod 777 /usr/bin/tar'
expect_records 1 operation=exec verdict=deny object.path=/usr/bin/perl 'rule.text=default = deny'
