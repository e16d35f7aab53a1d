# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The kernel opens a file for who wants to be told that others open it: that is decided as any open of his.
. /guest/lib.sh

# told STATEMENT PATH: somebody outside opens the file meanwhile.
told() {
	rm -f /run/case/ready
	probe waiting /run/case/waits /run/case/ready hammer any /run/case/stop open-read "$2" &
	opener=$!
	"$1" in-cgroup /web open-told /run/case/ready "$2"
	touch /run/case/stop
	expect_exit 0 $opener
	rm /run/case/stop
}

cgroup /web
secret /srv/secret /srv/public
told expect_allowed /srv/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

told expect_denied /srv/secret
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/secret container.cgroup=/web \
	$(rule 10-web 'deny = read')
told expect_allowed /srv/public
