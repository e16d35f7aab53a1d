# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The process that a hook tells of is left alone until it executes a program: it and no other, and not what it executes.
. /guest/lib.sh
. /guest/oci.sh

# comes NAME VERB...: a process that enters the container and waits, before it does that; $NAME is its number.
comes() {
	local name=$1
	shift
	probe in-cgroup /web waiting "/run/case/ready-$name" "/run/case/go-$name" "$@" &
	eval "$name=$!"
	wait_until "the process $name" test -e "/run/case/ready-$name"
}

# tell PID: as a runtime's hook.
tell() {
	$HOOK <<-END 2>"$oci_said" || fail "the hook refuses"
		{"ociVersion": "1.0", "id": "web", "pid": $1, "status": "created", "bundle": "/run/case/bundle"}
	END
	[ ! -s "$oci_said" ] || fail "the hook said: $(cat "$oci_said")"
}

# ends NAME CODE: it goes on, and that is its exit code.
ends() {
	: >"/run/case/go-$1"
	eval "expect_exit $2 \$$1"
}

mkdir /run/case/bundle
echo '{}' >/run/case/bundle/config.json
secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
	deny = write /srv/**
END
bailiff_start
cgroup /web

comes untold open-read /srv/secret
comes told each open-read /srv/secret also open-write /srv/secret
comes executes as /usr/bin/probe open-read /srv/secret
comes others open-read /srv/secret
# shellcheck disable=SC2154 # by comes
tell "$told"
ends told 0
ends untold 1
# shellcheck disable=SC2154 # by comes
tell "$executes"
ends executes 1
ends others 1
expect_records 3 operation=open verdict=deny enforced=true $(rule 10-web 'deny = read /srv/secret')
expect_equal "records" "$(count_records record=access)" 3

# The kernel has forgotten the number: who has it next is told of by nobody.
comes again open-read /srv/secret
bailiff_reload
ends again 1
