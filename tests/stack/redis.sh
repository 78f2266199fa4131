#!/bin/bash
# Redis of the distribution, with an append-only file: what was answered survives kill -9.
#
#   redis.sh start DIR [secure=yes]
#
# secure=yes adds a TLS port, and the user feeder (password feeder-pw) for it; the plain port
# and its user stay as they are, for the tests themselves.
# shellcheck source-path=SCRIPTDIR source=server.sh
. "$(dirname "$0")/server.sh"

get_server()
{
    need redis-server redis-cli
}

secure_config()
{
    local tls=$1
    printf '%s\n' "tls-port $2" "tls-cert-file $tls/server.crt" "tls-key-file $tls/server.key" \
        "tls-ca-cert-file $tls/ca.pem" "tls-auth-clients optional" "user feeder on >feeder-pw ~* &* +@all"
}

run_redis()
{
    local dir=$1 port=$2 tls_port=$3
    mkdir -p "$dir/data"
    {
        printf '%s\n' "bind 127.0.0.1" "port $port" "dir $dir/data" 'save ""' \
            "appendonly yes" "daemonize no" "enable-debug-command local"
        [ ! -d "$dir/tls" ] || secure_config "$dir/tls" "$tls_port"
        [ ! -e "$dir/extra.conf" ] || cat "$dir/extra.conf"
    } >"$dir/redis.conf"
    launch "$dir" redis-server "$dir/redis.conf"
    await "$dir" grep -q 'Ready to accept connections' "$dir/log"
}

start_server()
{
    local dir=$1 port tls_port
    case ${2:-} in
    secure=yes) [ -d "$dir/tls" ] || "$stack_dir/certificates.sh" "$dir/tls" ;;
    '') ;;
    *) die "unknown setting $2" ;;
    esac
    get_server
    start_on_ports "$dir" 2 run_redis "$dir" || die "Redis did not start"
    read -r port tls_port <"$dir/ports"
    printf '%s\n' "PID=$(pid_of "$dir")" "PORT=$port" "URL=redis://127.0.0.1:$port"
    [ ! -d "$dir/tls" ] || printf '%s\n' "TLS_URL=rediss://127.0.0.1:$tls_port" "CA=$dir/tls/ca.pem" \
        "CERTIFICATE=$dir/tls/client.pem" "KEY=$dir/tls/client.key"
}

stop_server()
{
    stop_process "$1"
}

server_main "$@"
