# SPDX-License-Identifier: GPL-2.0-or-later
# A denied program is not run by way of the dynamic loader, nor a denied library preloaded or found on the way: it is not
# mapped.
. /guest/lib.sh

readonly LOADER=/lib64/ld-linux-x86-64.so.2
readonly LIBRARY=libonig.so.5

cgroup /web
mkdir -p /srv/libraries
cp /usr/bin/jq /srv/denied
cp /usr/bin/jq /srv/allowed
cp /lib/x86_64-linux-gnu/$LIBRARY /srv/libraries/$LIBRARY
cp /lib/x86_64-linux-gnu/$LIBRARY /srv/free.so
attempts() {
	"$@" run $LOADER /srv/denied --version
	"$@" run $LOADER --preload /srv/libraries/$LIBRARY /srv/allowed --version
	"$@" run $LOADER --library-path /srv/libraries /srv/allowed --version
	"$@" with LD_PRELOAD=/srv/libraries/$LIBRARY run /srv/allowed --version
	"$@" with LD_LIBRARY_PATH=/srv/libraries run /srv/allowed --version
}
attempts expect_allowed in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
	deny = /srv/libraries/**
END
bailiff_start

attempts expect_denied in-cgroup /web
expect_records 1 operation=map verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["map"]' $(rule 10-web 'deny = /srv/denied')
expect_records 4 operation=map verdict=deny enforced=true object.path=/srv/libraries/$LIBRARY \
	permissions.denied='["map"]' $(rule 10-web 'deny = /srv/libraries')
expect_records 5 record=access
expect_allowed in-cgroup /web run $LOADER /srv/allowed --version
expect_allowed in-cgroup /web with LD_PRELOAD=/srv/free.so run /srv/allowed --version
