#!/bin/bash
# Redis of the distribution, with an append-only file: what was answered survives kill -9.
# shellcheck source-path=SCRIPTDIR source=server.sh
. "$(dirname "$0")/server.sh"

get_server()
{
    need redis-server redis-cli
}

run_redis()
{
    local dir=$1 port=$2
    mkdir -p "$dir/data"
    {
        printf '%s\n' "bind 127.0.0.1" "port $port" "dir $dir/data" 'save ""' \
            "appendonly yes" "daemonize no" "enable-debug-command local"
        [ ! -e "$dir/extra.conf" ] || cat "$dir/extra.conf"
    } >"$dir/redis.conf"
    launch "$dir" redis-server "$dir/redis.conf"
    await "$dir" grep -q 'Ready to accept connections' "$dir/log"
}

start_server()
{
    get_server
    start_on_ports "$1" 1 run_redis "$1" || die "Redis did not start"
    local port
    read -r port <"$1/ports"
    printf '%s\n' "PID=$(pid_of "$1")" "PORT=$port" "URL=redis://127.0.0.1:$port"
}

stop_server()
{
    stop_process "$1"
}

server_main "$@"
