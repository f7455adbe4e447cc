#!/usr/bin/env bash
# The bare path of a request beside its peers, all in one run: CPU per proxied request and added latency beside nginx, CPU per
# streamed event beside HAProxy (TCP mode, TLS). Only the ratios mean something.
# usage: bench/path/run.sh [proxy|stream|all] [BUILD_DIRECTORY]      ROUNDS=3 SECONDS_EACH=4 STREAMS=64 RATE=100
set -euo pipefail
top=$(cd "$(dirname "$0")/../.." && pwd)
what=${1:-all}
build=${2:-$top/build/release}
rounds=${ROUNDS:-3} seconds=${SECONDS_EACH:-4} streams=${STREAMS:-64} rate=${RATE:-100}
work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
# Nanoseconds on a processor so far, all threads of one process.
cpu_ns() { cat /proc/"$1"/task/*/schedstat | awk '{ n += $1 } END { printf "%.0f\n", n }'; }
median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
divide() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b == 0) ? 0 : a / b }'; }
start() { "$@" >"$work/log.$((${#pids[@]} + 1))" 2>&1 & pids+=($!); started=$!; }
wait_port() { for _ in $(seq 200); do (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return; sleep 0.05; done; echo "nothing listens on $1" >&2; exit 1; }

nginx_conf() { # NAME SERVERS: one process, no logs
  cat >"$work/$1.conf" <<CONF
daemon off; master_process off; worker_processes 1; pid $work/$1.pid; error_log stderr crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 1h;
  client_body_temp_path $work/$1.b; proxy_temp_path $work/$1.p; fastcgi_temp_path $work/$1.f; uwsgi_temp_path $work/$1.u; scgi_temp_path $work/$1.s;
$2
}
CONF
}

measure_proxy() {
  local up front ours answer body
  up=$(free_port) front=$(free_port) ours=$(free_port)
  answer="{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"$(printf 'word %.0s' $(seq 160))\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":200,\"completion_tokens\":160,\"total_tokens\":360}}"
  body="{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"$(printf 'text %.0s' $(seq 190))\"}]}"
  nginx_conf upstream "server { listen 127.0.0.1:$up backlog=4096; location / { default_type application/json; return 200 '$answer'; } }"
  nginx_conf proxy "upstream up { server 127.0.0.1:$up; keepalive 64; keepalive_requests 1000000000; }
server { listen 127.0.0.1:$front backlog=4096; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection \"\"; } }"
  cat >"$work/post.lua" <<LUA
wrk.method = "POST"
wrk.path = "/v1/chat/completions"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer sk-bench-key"
wrk.body = [[$body]]
LUA
  local nginx_pid our_pid
  start nginx -c "$work/upstream.conf"
  start nginx -c "$work/proxy.conf"; nginx_pid=$started
  start "$build/bench/proxy_bench" "$ours" "$up"; our_pid=$started
  wait_port "$up"; wait_port "$front"; wait_port "$ours"
  load() { wrk -t1 -c"$2" -d"${3:-$seconds}s" --latency -s "$work/post.lua" "http://127.0.0.1:$1" >"$work/wrk"; ! grep -qE 'Non-2xx|Socket errors' "$work/wrk" || { cat "$work/wrk" >&2; exit 1; }; }
  requests() { awk '/requests in/ { print $1 }' "$work/wrk"; }
  latency_us() { awk '/50%/ { v = $2; u = v; sub(/[0-9.]+/, "", u); sub(/[a-z]+/, "", v); print v * (u == "us" ? 1 : u == "ms" ? 1000 : 1000000) }' "$work/wrk"; }
  load "$front" 32 1; load "$ours" 32 1
  local a=() b=() la=() lb=() before r
  for _ in $(seq "$rounds"); do
    before=$(cpu_ns "$nginx_pid"); load "$front" 32; r=$(requests); a+=("$(divide $((($(cpu_ns "$nginx_pid") - before) / 10)) $((r * 100)))")
    before=$(cpu_ns "$our_pid"); load "$ours" 32; r=$(requests); b+=("$(divide $((($(cpu_ns "$our_pid") - before) / 10)) $((r * 100)))")
    local direct
    load "$up" 1 2; direct=$(latency_us)
    load "$front" 1 2; la+=("$(awk -v x="$(latency_us)" -v d="$direct" 'BEGIN { print x - d }')")
    load "$ours" 1 2; lb+=("$(awk -v x="$(latency_us)" -v d="$direct" 'BEGIN { print x - d }')")
  done
  local ma mb mla mlb
  ma=$(median "${a[@]}") mb=$(median "${b[@]}") mla=$(median "${la[@]}") mlb=$(median "${lb[@]}")
  printf 'CPU per proxied request      ours %6s us   nginx   %6s us   ratio %s   (aim 1.0, accept 1.5)\n' "$mb" "$ma" "$(divide "$mb" "$ma")"
  printf 'added latency, 1 connection  ours %6s us   nginx   %6s us   ratio %s   (aim 1.5, accept 3)\n' "$mlb" "$mla" "$(divide "$mlb" "$mla")"
}

measure_stream() {
  local relay="$build/bench/stream_relay" hub front pin node_pid proxy_pid hub_pid client_pid
  hub=$(free_port) front=$(free_port)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
  cat "$work/cert.pem" "$work/key.pem" >"$work/both.pem"
  pin=$(openssl x509 -in "$work/cert.pem" -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
  start "$relay" source "$work/engine.sock" "$rate"
  cat >"$work/haproxy.cfg" <<CONF
global
  nbthread 1
  maxconn 4000
defaults
  mode tcp
  timeout connect 5s
  timeout client 1h
  timeout server 1h
frontend f
  bind 127.0.0.1:$front ssl crt $work/both.pem
  default_backend b
backend b
  server s unix@$work/engine.sock
CONF
  while [ ! -S "$work/engine.sock" ]; do sleep 0.05; done
  start haproxy -db -f "$work/haproxy.cfg"; proxy_pid=$started
  wait_port "$front"
  events() { awk '/events/ { n = $1 } END { print n + 0 }' "$1"; }
  one() { # PID LOG: nanoseconds per event over some seconds
    local before n
    before=$(cpu_ns "$1"); n=$(events "$2"); sleep "$seconds"
    divide $((($(cpu_ns "$1") - before) / 10)) $((($(events "$2") - n) * 100))
  }
  local a=() b=() log
  for _ in $(seq "$rounds"); do
    start "$relay" client "$front" "$pin" "$streams"; client_pid=$started; log="$work/log.${#pids[@]}"
    sleep 2; a+=("$(one "$proxy_pid" "$log")"); tail -1 "$log" | sed 's/^/  haproxy: /'
    kill "$client_pid"; wait "$client_pid" 2>/dev/null || true
    start "$relay" hub "$hub" "$work/cert.pem" "$work/key.pem" "$streams"; hub_pid=$started; log="$work/log.${#pids[@]}"
    wait_port "$hub"
    start "$relay" node "$hub" "$pin" "$work/engine.sock" "$streams"; node_pid=$started
    sleep 2; b+=("$(one "$node_pid" "$log")"); tail -1 "$log" | sed 's/^/  node:    /'
    kill "$node_pid" "$hub_pid"; wait "$node_pid" "$hub_pid" 2>/dev/null || true
  done
  local ma mb
  ma=$(median "${a[@]}") mb=$(median "${b[@]}")
  printf 'CPU per event through TLS    node %6s us   haproxy %6s us   ratio %s   (aim 1.2, accept 2)\n' "$mb" "$ma" "$(divide "$mb" "$ma")"
}

[ "$what" = stream ] || measure_proxy
[ "$what" = proxy ] || measure_stream
