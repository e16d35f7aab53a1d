# SPDX-License-Identifier: GPL-2.0-or-later
# disk: servers
# timeout: 300
# Debian's nginx, PostgreSQL, dnsmasq, curl and psql, each in a cgroup of its own, under a list of the programs and of the
# network it needs: they do their work without a record, and what else they can be talked into is refused.
. /guest/lib.sh
. /guest/debian.sh

readonly POSTGRES=/usr/lib/postgresql/15/bin
readonly DBLINK="SELECT * FROM dblink('host=10.0.0.54', 'SELECT 1') AS remote (i int)"

# --- the servers ---
# The front end has web.test from an application, over a unix socket; a path of it is an upstream elsewhere. The resolver has
# all names from 10.0.0.2, but those of one domain from elsewhere. The database can execute programs and connect.

# nginx_conf NAME SERVER
nginx_conf() {
	cat >"/run/case/$1.conf" <<-END
		pid /run/case/$1.pid;
		error_log /run/case/$1.log;
		events {}
		http {
			access_log off;
			server {
				$2
			}
		}
	END
}

# dnsmasq_conf NAME OPTIONS
dnsmasq_conf() {
	cat >"/run/case/$1.conf" <<-END
		bind-interfaces
		no-resolv
		no-hosts
		pid-file=/run/case/$1.pid
		log-facility=/run/case/$1.log
		$2
	END
}

nginx_conf front '
	listen 10.0.0.80:80;
	location / { proxy_pass http://unix:/run/app/app.socket:; }
	location /elsewhere { proxy_pass http://203.0.113.9/; }'
nginx_conf app '
	listen unix:/run/app/app.socket;
	return 200 "from the application\n";'
nginx_conf front-elsewhere '
	listen 10.0.0.80:8081;'
nginx_conf world '
	listen 203.0.113.9:80;
	listen 10.0.0.80:8080;
	return 200 "from elsewhere\n";'
dnsmasq_conf resolver '
	listen-address=10.0.0.53
	server=10.0.0.2
	server=/elsewhere.test/203.0.113.9'
dnsmasq_conf world-names '
	listen-address=10.0.0.2,203.0.113.9
	address=/web.test/10.0.0.80
	address=/elsewhere.test/203.0.113.9'
cat >/run/case/hba.conf <<-'END'
	local all all               peer
	host  all all 10.0.0.0/8    trust
	host  all all 127.0.0.0/8   trust
END

addresses() {
	local address
	for address in 10.0.0.2 10.0.0.53 10.0.0.54 10.0.0.80 203.0.113.9; do
		ip addr "$1" "$address/32" dev lo
	done
}

# as_postgres CGROUP COMMAND...: the cgroup is entered last, so that the command is all that is executed there.
as_postgres() {
	# shellcheck disable=SC2016 # for those shells
	in_debian /bin/sh -c 'exec 3>"/sys/fs/cgroup$0/cgroup.procs" setpriv --reuid postgres --regid postgres \
		--clear-groups sh -c "echo 0 >&3 && exec 3>&- \"\$@\"" sh "$@"' "$@"
}

database_is_ready() {
	grep -q 'ready to accept connections' /run/case/database.log
}

# nginx and dnsmasq listen when the command is over.
servers_start() {
	in_debian_cgroup /app nginx -c /run/case/app.conf || fail "the application does not start"
	in_debian_cgroup /front nginx -c /run/case/front.conf || fail "the front end does not start"
	in_debian_cgroup /resolver dnsmasq -C /run/case/resolver.conf || fail "the resolver does not start"
	: >/run/case/database.log
	as_postgres /database "$POSTGRES/postgres" -D /etc/postgresql/15/main -c hba_file=/run/case/hba.conf \
		-c listen_addresses=10.0.0.54,127.0.0.1 -c ssl=off -c fsync=off -c jit=off -c shared_buffers=16MB \
		>>/run/case/database.log 2>&1 &
	wait_until "the database" database_is_ready
}

cgroup_is_empty() {
	[ -z "$(cat "/sys/fs/cgroup$1/cgroup.procs")" ]
}

# server_stop CGROUP PID-FILE
server_stop() {
	kill "$(in_debian cat "$2")"
	wait_until "the end of the server in $1" cgroup_is_empty "$1"
}

servers_stop() {
	server_stop /front /run/case/front.pid
	server_stop /app /run/case/app.pid
	server_stop /resolver /run/case/resolver.pid
	server_stop /database /run/postgresql/15-main.pid
}

# --- the clients ---

curl() {
	in_debian_cgroup /curl curl --silent --show-error --fail "$@"
}

psql() {
	as_postgres /psql "$POSTGRES/psql" --no-psqlrc --tuples-only --no-align "$@"
}

# resolv_conf LINE...
resolv_conf() {
	printf '%s\n' "$@" >"/proc/$debian/root/etc/resolv.conf"
}

# Names by DNS over UDP, HTTP over TCP, and over a unix socket to the application; a database's work over both.
works() {
	expect_equal "curl" "$(curl http://web.test/)" "from the application"
	expect_equal "psql, unix" "$(psql --command 'SELECT 6 * 7')" 42
	expect_equal "psql, tcp" "$(psql --host 10.0.0.54 --command 'SELECT sum(i) FROM generate_series(1, 100) AS i')" 5050
}

# --- what they are not for ---

front_elsewhere() {
	in_debian_cgroup /front nginx -c /run/case/front-elsewhere.conf || return
	wait_until "its process" test -s /run/case/front-elsewhere.pid
	kill "$(in_debian cat /run/case/front-elsewhere.pid)"
}

# attack SAYS STATUS SAYS-REFUSED COMMAND...: it works as long as nothing is refused, or else ends so.
attack() {
	local works=$1 refused_status=$2 refused=$3 status=0 said
	shift 3
	said=$("$@" 2>&1) || status=$?
	case $refusing:$status:$said in
	no:0:*"$works"* | yes:"$refused_status":*"$refused"*) echo "refused: $refusing: $*" ;;
	*) fail "exit code $status and '$said' of: $*" ;;
	esac
}

attacks() {
	attack "from elsewhere" 7 "Operation not permitted" curl --verbose http://web.test:8080/
	attack "from elsewhere" 7 "Operation not permitted" curl --verbose http://203.0.113.9/
	attack "from the application" 7 "Operation not permitted" \
		curl --verbose --unix-socket /run/app/app.socket http://web.test/
	attack "from elsewhere" 6 "Could not resolve host" curl http://elsewhere.test/
	resolv_conf 'nameserver 203.0.113.9'
	attack "from elsewhere" 6 "Could not resolve host" curl http://elsewhere.test/
	resolv_conf 'nameserver 10.0.0.53' 'options use-vc'
	attack "from the application" 6 "Could not resolve host" curl http://web.test/
	resolv_conf 'nameserver 10.0.0.53'
	attack "from elsewhere" 22 "error: 502" curl http://web.test/elsewhere
	attack "" 1 "bind() to 10.0.0.80:8081 failed (1: Operation not permitted)" front_elsewhere
	attack 1 2 "Operation not permitted" psql --host 127.0.0.1 --command 'SELECT 1'
	# popen(3) does not tell why.
	attack "COPY 1" 1 "could not execute command" psql --command "\\copy (SELECT 1) TO PROGRAM 'cat'"
	attack "COPY 1" 1 "could not execute command" psql --command "COPY (SELECT 1) TO PROGRAM 'cat >/tmp/copied'"
	attack 1 1 "Operation not permitted" psql --command "$DBLINK"
}

# --- what is recorded of it ---

# denied POLICY OPERATION OBJECT RULE
denied() {
	echo "/$1 $1 enforce deny true $2 $3 $policies/10-$1.ini:$(line_of "10-$1" "$4")"
}

expected_denials() {
	denied curl connect tcp:10.0.0.80:8080 'deny ; network'
	denied curl connect tcp:203.0.113.9:80 'deny ; network'
	denied curl connect unix:/run/app/app.socket 'deny ; network'
	denied curl connect udp:203.0.113.9:53 'deny ; network'
	denied curl connect tcp:10.0.0.53:53 'deny ; network'
	denied resolver send udp:203.0.113.9:53 'deny ; network'
	denied front connect tcp:203.0.113.9:80 'deny ; network'
	denied front bind tcp:10.0.0.80:8081 'deny ; network'
	denied psql connect tcp:127.0.0.1:5432 'deny ; network'
	denied psql exec file:/usr/bin/dash 'deny ; programs'
	denied database exec file:/usr/bin/dash 'deny ; programs'
	denied database connect tcp:10.0.0.54:5432 'deny ; network'
}

recorded_denials() {
	jq -r 'select(.record == "access" and .verdict != "audit") |
		"\(.container.cgroup) \(.policy) \(.mode) \(.verdict) \(.enforced) \(.operation) " +
		(.object | "\(.protocol // .kind):\(.path // "\(.address):\(.port)")") +
		" \(.rule.file):\(.rule.line)"' "$events" | sort -u
}

rules_used() {
	jq -r 'select(.verdict == "audit") | "\(.rule.file):\(.rule.line)"' "$events" | sort -u
}

# is_recorded KIND: what is expected is recorded, and nothing else.
is_recorded() {
	"$1" | diff /run/case/expected - >/run/case/difference
}

debian_start
addresses add
cgroup /front /app /resolver /database /curl /psql
in_debian mkdir -p /run/app /run/postgresql
in_debian chown postgres /run/postgresql
resolv_conf 'nameserver 10.0.0.53'
in_debian nginx -c /run/case/world.conf
in_debian dnsmasq -C /run/case/world-names.conf

refusing=no
servers_start
works
psql --command 'CREATE EXTENSION IF NOT EXISTS dblink'
attacks
servers_stop

policy 10-front <<-'END'
	[policy]
	name = front
	[select]
	cgroup = /front
	[exec]
	default = deny ; programs
	allow   = /usr/sbin/nginx
	[network]
	default = deny ; network
	allow   = bind tcp 10.0.0.80:80
	allow   = connect unix /run/app/app.socket
END
policy 10-app <<-'END'
	[policy]
	name = app
	[select]
	cgroup = /app
	[exec]
	default = deny ; programs
	allow   = /usr/sbin/nginx
	[network]
	default = deny ; network
	allow   = bind unix /run/app/app.socket
END
# Answers go to any port of those who may ask.
policy 10-resolver <<-'END'
	[policy]
	name = resolver
	[select]
	cgroup = /resolver
	[exec]
	default = deny ; programs
	allow   = /usr/sbin/dnsmasq
	[network]
	default = deny ; network
	allow   = bind udp 10.0.0.53:53
	allow   = bind tcp 10.0.0.53:53
	allow   = send udp 10.0.0.2:53
	allow   = send udp 10.0.0.0/24:1024-65535
	allow   = create bind send netlink *
	allow   = create unix
END
policy 10-database <<-'END'
	[policy]
	name = database
	[select]
	cgroup = /database
	[exec]
	default = deny ; programs
	allow   = /usr/lib/postgresql/*/bin/postgres
	[network]
	default = deny ; network
	allow   = bind tcp 10.0.0.54:5432
	allow   = bind tcp 127.0.0.1:5432
	allow   = bind unix /run/postgresql/.s.PGSQL.5432
END
policy 10-curl <<-'END'
	[policy]
	name = curl
	[select]
	cgroup = /curl
	[exec]
	default = deny ; programs
	allow   = /usr/bin/curl
	[network]
	default = deny ; network
	allow   = connect udp 10.0.0.53:53
	allow   = connect tcp 10.0.0.80:80
	allow   = create unix
END
policy 10-psql <<-'END'
	[policy]
	name = psql
	[select]
	cgroup = /psql
	[exec]
	default = deny ; programs
	allow   = /usr/lib/postgresql/*/bin/psql
	[network]
	default = deny ; network
	allow   = connect tcp 10.0.0.54:5432
	allow   = connect unix /run/postgresql/.s.PGSQL.5432
END
bailiff_start
servers_start
works
expect_equal "records" "$(count_records record=access)" 0
refusing=yes
attacks
works

expected_denials | sort >/run/case/expected
wait_until "the records of what was denied" is_recorded recorded_denials
expect_records 1 container.cgroup=/front operation=connect 'subject.arguments=["nginx: worker process"]' \
	subject.exe=/usr/sbin/nginx
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0

# Nothing on the lists is there in vain: each of the rules allows something.
sed -i 's/^allow/audit/' "$policies"/10-*.ini
bailiff_reload
servers_stop
servers_start
works
grep -H -n '^audit' "$policies"/10-*.ini | cut -d : -f 1,2 | sort >/run/case/expected
wait_until "the records of what was allowed" is_recorded rules_used
expected_denials | sort >/run/case/expected
is_recorded recorded_denials || fail "more was denied: $(cat /run/case/difference)"
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
servers_stop
addresses del
