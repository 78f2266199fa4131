#!/bin/bash
# Elasticsearch 8 from its published modules: the real server and its real HTTP, started by a small
# main of ours (elasticsearch/). Not in it, because not published: ILM, /_data_stream, ingest processors.
# shellcheck source-path=SCRIPTDIR source=server.sh
. "$(dirname "$0")/server.sh"

version=8.19.5
# The two classes of ours are part of what is cached, hence of its name.
name=elasticsearch-$version-$(cat "$stack_dir"/elasticsearch/*.java | cksum | cut -d' ' -f1)
home=$cache/$name

write_project()
{
    cat <<XML
<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>stack</groupId><artifactId>elasticsearch</artifactId><version>1</version>
<dependencies>
<dependency><groupId>$1</groupId><artifactId>$2</artifactId><version>$version</version></dependency>
</dependencies></project>
XML
}

# fetch NEW PROJECT GROUP ARTIFACT FOLDER
fetch()
{
    mkdir -p "$1/project/$2" "$5"
    write_project "$3" "$4" >"$1/project/$2/pom.xml"
    maven_copy "$1/project/$2/pom.xml" "$5"
}

describe_plugin()
{
    printf '%s\n' "name=root" "description=GET / and GET /_license" "version=$version" \
        "elasticsearch.version=$version" "java.version=17" "classname=stack.root.RootPlugin"
}

build_home()
{
    local new=$1 jar bin modules=$1/home/modules netty=transport-netty4
    bin=$(dirname "$java")
    fetch "$new" server org.elasticsearch elasticsearch "$new/server" || return 1
    fetch "$new" netty org.elasticsearch.plugin "$netty" "$modules/$netty" || return 1
    for jar in "$new"/server/*.jar; do # no class twice, or it refuses to start
        rm -f "$modules/$netty/$(basename "$jar")"
    done
    mkdir -p "$modules/root" "$new/classes"
    (cd "$new/project" && "$bin/jar" xf "$modules/$netty/$netty-$version.jar" META-INF/es-plugins) || return 1
    grep -v '^#' "$new/project/META-INF/es-plugins/$netty/plugin-descriptor.properties" \
        >"$modules/$netty/plugin-descriptor.properties" || return 1
    "$bin/javac" --module-path "$new/server" --add-modules ALL-MODULE-PATH -d "$new/classes" \
        "$stack_dir"/elasticsearch/*.java >&2 || return 1
    "$bin/jar" cf "$modules/root/root.jar" -C "$new/classes" stack/root || return 1
    rm -r "$new/classes/stack/root"
    describe_plugin >"$modules/root/plugin-descriptor.properties"
}

get_server()
{
    java_find 17
    [ ! -d "$home" ] || return 0
    need mvn
    [ -x "$(dirname "$java")/javac" ] || skip "no Java compiler beside $java"
    cache_make "$name" build_home ||
        skip "Elasticsearch $version could not be downloaded (Maven)"
}

write_log_config()
{
    printf '%s\n' 'status = error' 'appender.c.type = Console' 'appender.c.name = c' \
        'appender.c.layout.type = PatternLayout' \
        'appender.c.layout.pattern = [%d{ISO8601}][%-5p][%c{1}] %m%n' \
        'rootLogger.level = info' 'rootLogger.appenderRef.c.ref = c'
}

write_config()
{
    local dir=$1
    printf '%s\n' "cluster.name: flightdash" "node.name: n1" "network.host: 127.0.0.1" \
        "http.port: $2" "transport.port: $3" "discovery.type: single-node" \
        "path.data: $dir/data" "path.logs: $dir/logs" "path.repo: [\"$dir/snapshots\"]" \
        "cluster.routing.allocation.disk.threshold_enabled: false"
    [ ! -e "$dir/extra.conf" ] || cat "$dir/extra.conf"
}

answers()
{
    curl -sf -o /dev/null --max-time 2 "$1"
}

run_elasticsearch()
{
    local dir=$1 port=$2 transport=$3
    mkdir -p "$dir/config"
    write_log_config >"$dir/config/log4j2.properties"
    write_config "$dir" "$port" "$transport" >"$dir/config/elasticsearch.yml"
    launch "$dir" "$java" -Xms256m -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
        -Des.path.home="$home/home" --module-path "$home/server" --add-modules ALL-MODULE-PATH \
        -cp "$home/classes" stack.Node "$home/home" "$dir/config"
    # Yellow: what was stored before can be searched.
    await "$dir" answers "http://127.0.0.1:$port/_cluster/health?wait_for_status=yellow&timeout=1s"
}

start_server()
{
    local dir=$1 port
    need curl
    get_server
    start_on_ports "$dir" 2 run_elasticsearch "$dir" || die "Elasticsearch did not start"
    read -r port _ <"$dir/ports"
    printf '%s\n' "PID=$(pid_of "$dir")" "PORT=$port" "URL=http://127.0.0.1:$port"
}

stop_server()
{
    stop_process "$1"
}

server_main "$@"
