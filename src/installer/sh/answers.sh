# What a service's address answers, asked with whatever client the machine has, and what people are told of it.

# ask HOST PORT PATH: 0 when something answered; its status is in $http_status (empty where the client tells none) and its text in $http_body
ask() {
  case $1 in *:*) http_url=http://[$1]:$2$3 ;; *) http_url=http://$1:$2$3 ;; esac
  http_status=
  if has curl; then
    http_body=$(curl -sS --noproxy '*' --max-time 5 --max-filesize 1048576 -w '\n%{http_code}' "$http_url" 2>&1) || return 1
    http_status=${http_body##*"$nl"}
    http_body=${http_body%"$nl"*}
  elif has bash && has timeout; then
    # shellcheck disable=SC2016 # bash expands these, not this shell
    http_body=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$2" >&3 && head -c 1048576 <&3' "$1" "$2" "$3" 2>&1) || return 1
    case $http_body in HTTP/1.?' '*) ;; *) return 1 ;; esac
    http_status=${http_body#HTTP/1.? }
    http_status=${http_status%"${http_status#???}"}
  else
    http_body=$(wget -q --no-proxy -T 5 -O - "$http_url" 2>&1) || return 1
  fi
}

# http_ok HOST PORT PATH MEMBER…: whether the address answers with 2xx and JSON that has these members, "name":value. The machine may have
# none of the usual clients, and no reader of JSON. Where not, it is in $http_fault in which way.
http_ok() {
  http_fault='gave no answer'
  ask "$1" "$2" "$3" || return 1
  http_fault="answered with $http_status"
  case $http_status in 2?? | '') ;; *) return 1 ;; esac
  http_fault=
  shift 3
  [ $# -gt 0 ] || return 0
  http_plain=$(printf '%s' "$http_body" | tr -d ' \t\r\n')
  for http_member; do
    http_fault="answered without $http_member"
    case $http_plain in *"$http_member,"* | *"$http_member}"*) ;; *) return 1 ;; esac
  done
  http_fault=
}

# tell_answer: what was asked and what answered, in $told: one line, without control characters and without words that could be a token
tell_answer() {
  told=$(printf '%s' "$http_body" | tr -s '[:cntrl:]' ' ' | sed -e 's/[A-Za-z0-9_+=-]\{40,\}/***/g' | cut -c 1-300) || told=
  told="$http_url $http_fault${told:+: $told}"
}
