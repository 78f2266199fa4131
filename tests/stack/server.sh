# shellcheck shell=bash disable=SC2034 # some variables are for the scripts that read this
# What the server scripts of this folder share: a real server in a folder of
# its own, on free ports of 127.0.0.1, awaited and stopped by its pid.
#
#   NAME.sh get                      have everything in the cache (and nothing more to download)
#   NAME.sh start DIR [KEY=VALUE...] start in DIR; prints KEY=VALUE lines once it is ready
#   NAME.sh stop DIR                 SIGTERM, SIGKILL after a bound; the data and the ports stay
#
# A start in a folder that was started before takes the same ports and data; what runs already
# stays as it is.
# Exit status 77: this machine lacks something; the last line on stderr says what.
#
# A server folder holds: pid ("PID START-TIME"), log, log.old, ports, data/.
# Lines of DIR/extra.conf, where there is one, go to the end of the server's own configuration.

set -euo pipefail

stack_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${FLIGHTDASH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/flightdash}
start_timeout_s=${FLIGHTDASH_STACK_TIMEOUT:-90}
stop_timeout_s=20

# An empty pipe that never ends: reading it with a time limit is how we wait.
exec {idle}<> <(:)
wait_a_little()
{
    read -rt 0.03 -u "$idle" || true
}

die()
{
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

skip()
{
    printf '%s\n' "$*" >&2
    exit 77
}

need()
{
    local program
    for program; do
        command -v "$program" >/dev/null || skip "no $program on this machine"
    done
}

# --- cache ------------------------------------------------------------------

# cache_make NAME COMMAND...: $cache/NAME, made once by `COMMAND... NEW-FOLDER`.
# Built beside and renamed, under a lock: no reader ever sees half of it.
cache_make()
{
    local final=$cache/$1
    shift
    [ ! -d "$final" ] || return 0
    mkdir -p "$cache"
    (
        flock 9
        [ ! -d "$final" ] || exit 0
        new=$(mktemp -d "$final.XXXXXX")
        if "$@" "$new"; then
            chmod 755 "$new"
            mv -T "$new" "$final"
        else
            rm -rf "$new"
            exit 1
        fi
    ) 9>"$final.lock"
}

# maven_copy POM FOLDER: the jars that a project file names, and what they need.
maven_copy()
{
    local copy=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
    mvn -B -q -ntp -f "$1" "$copy" -DincludeScope=runtime -DoutputDirectory="$2" >&2 </dev/null
}

# java_find MINIMUM: sets java and java_id (its version, for names in the cache).
java_find()
{
    local candidate home version
    for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" \
        /usr/lib/jvm/*/bin/java; do
        [ -x "$candidate" ] || continue
        home=$(dirname "$(dirname "$(readlink -f "$candidate")")")
        version=$(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$home/release" 2>/dev/null)
        if [ "${version%%.*}" -ge "$1" ] 2>/dev/null; then
            java=$home/bin/java
            java_id=$version
            return
        fi
    done
    skip "no Java $1 or newer on this machine"
}

# --- ports ------------------------------------------------------------------

# free_ports N: N ports, free at this moment. They lie below the range from which
# the kernel takes the near end of outgoing connections: a port in that range could
# be taken while the server is down, even by a client that reconnects to it.
free_ports()
{
    /usr/bin/python3 - "$1" <<'PY'
import random, socket, sys
with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
    ceiling = int(f.read().split()[0])
taken = []
while len(taken) < int(sys.argv[1]):
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(15000, ceiling) if ceiling > 16000 else 0))
        taken.append(s)
    except OSError:
        s.close()
print(*[s.getsockname()[1] for s in taken])
PY
}

# --- processes --------------------------------------------------------------

# start_time PID: clock ticks since boot; fails for a dead process or a zombie.
start_time()
{
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    read -ra fields <<<"${stat##*) }"
    [ "${fields[0]}" != Z ] && printf '%s\n' "${fields[19]}"
}

# is_alive DIR: the very process that was started there still runs.
is_alive()
{
    local pid started
    [ -s "$1/pid" ] || return 1
    read -r pid started <"$1/pid"
    [ "$(start_time "$pid")" = "$started" ]
}

pid_of()
{
    local pid _
    read -r pid _ <"$1/pid"
    printf '%s\n' "$pid"
}

# launch DIR COMMAND...: in a session of its own, output to DIR/log.
launch()
{
    local dir=$1 pid
    shift
    ! is_alive "$dir" || die "already running in $dir"
    [ ! -e "$dir/log" ] || mv -f "$dir/log" "$dir/log.old"
    setsid "$@" >"$dir/log" 2>&1 </dev/null {idle}>&- 9>&- &
    pid=$!
    printf '%s %s\n' "$pid" "$(start_time "$pid" || echo 0)" >"$dir/pid"
}

# await DIR COMMAND...: until COMMAND succeeds; fails when the server ends or takes too long.
await()
{
    local dir=$1 deadline=$((SECONDS + start_timeout_s))
    shift
    until "$@" >/dev/null 2>&1; do
        if ! is_alive "$dir"; then
            printf 'ended while it started\n' >>"$dir/log"
            return 1
        fi
        if ((SECONDS >= deadline)); then
            printf 'not ready after %s s\n' "$start_timeout_s" >>"$dir/log"
            return 1
        fi
        wait_a_little
    done
}

# stop_process DIR: returns when the process is gone.
stop_process()
{
    local dir=$1 deadline=$((SECONDS + stop_timeout_s)) signal=TERM
    while is_alive "$dir"; do
        [ -z "$signal" ] || kill -"$signal" "$(pid_of "$dir")" 2>/dev/null || true
        # A paused process takes SIGTERM only when it goes on.
        [ "$signal" != TERM ] || kill -CONT "$(pid_of "$dir")" 2>/dev/null || true
        signal=
        wait_a_little
        if ((SECONDS >= deadline)); then
            signal=KILL
        fi
    done
    rm -f "$dir/pid"
}

# start_on_ports DIR N COMMAND...: runs `COMMAND... PORT...`, with the ports of the last
# start or new ones; when somebody else took one meanwhile, with others.
start_on_ports()
{
    local dir=$1 count=$2 attempt known='' ports
    shift 2
    ! is_alive "$dir" || return 0
    mkdir -p "$dir"
    [ ! -e "$dir/ports" ] || known=1
    for attempt in 1 2 3 4 5; do
        [ -n "$known" ] || free_ports "$count" >"$dir/ports"
        read -ra ports <"$dir/ports"
        if "$@" "${ports[@]}"; then
            return 0
        fi
        if [ -n "$known" ] || [ "$attempt" = 5 ] || ! grep -qi 'address already in use' "$dir"/log; then
            break
        fi
        stop_process "$dir"
        rm -rf "$dir/data"
    done
    printf -- '--- %s\n' "$dir/log" >&2
    tail -n 100 "$dir/log" >&2
    stop_process "$dir"
    [ -n "$known" ] || rm -f "$dir/ports"
    return 1
}

# server_main VERB...: the command line; calls get_server, start_server DIR ..., stop_server DIR.
server_main()
{
    local verb=${1:-} dir=${2:-}
    case $verb:$dir in
    get:) get_server ;;
    start:?* | stop:?*)
        mkdir -p "$dir"
        dir=$(cd "$dir" && pwd)
        shift 2
        "${verb}_server" "$dir" "$@"
        ;;
    *) die "usage: $(basename "$0") get | start DIR [KEY=VALUE...] | stop DIR" ;;
    esac
}
