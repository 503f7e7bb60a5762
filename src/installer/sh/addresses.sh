# Where a service is asked for its health: where the operator says, else where the product's own configuration has moved it, else where the
# product definition says.

# find_addresses: in $health_lines, "SERVICE HOST PORT PATH MEMBER…" a line each, and in $health_origins, "SERVICE FILE" for those that a file has moved
find_addresses() {
  health_lines=
  health_origins=
  bad_address=
  for_recorded health find_address
}
find_address() {
  # shellcheck disable=SC2086 # the record's words
  set -- $1
  health_service=$1
  health_host=$2
  health_port=$3
  health_path=$4
  shift 4
  health_members=$*
  health_origin=
  each_health_setting look_at_setting
  each_service look_at_operators
  health_lines="$health_lines$health_service $health_host $health_port $health_path${health_members:+ $health_members}$nl"
  [ -z "$health_origin" ] || health_origins=$health_origins$health_service\ $health_origin$nl
}

# take_address FILE ADDRESS: a port, or a host and a port; anything else, and what stands for every address, changes nothing of the host
take_address() {
  case $2 in
    *:*) set -- "$1" "${2%:*}" "${2##*:}" ;;
    *) set -- "$1" '' "$2" ;;
  esac
  case $3 in '' | *[!0-9]* | ??????*) return 1 ;; esac
  address_host=${2#'['}
  address_host=${address_host%']'}
  case $address_host in '' | '*' | 0.0.0.0 | ::) address_host=$health_host ;; *[!0-9A-Za-z.:-]*) return 1 ;; esac
  if [ "$address_host:$3" = "$health_host:$health_port" ]; then return 0; fi
  health_host=$address_host
  health_port=$3
  health_origin=$1
}

# look_at_setting SERVICE FILE NAME…: a line NAME: VALUE, NAME = VALUE or NAME VALUE, of which the last counts
look_at_setting() {
  [ "$1" = "$health_service" ] && [ -f "$2" ] && [ -r "$2" ] || return 0
  setting_file=$2
  shift 2
  setting_names=$*
  replace "$setting_names" . '\.'
  replace "$replaced" ' ' '|'
  setting=$(sed -n -E "s/^[[:space:]]*[\"']?($replaced)[\"']?[[:space:]]*[:=[:space:]][[:space:]]*[\"']?([^\"'#;,}[:space:]]+).*$/\\2/Ip" "$setting_file" | tail -n 1)
  [ -z "$setting" ] || take_address "$setting_file" "$setting" || :
}

# look_at_operators SERVICE…: <configuration folder>/<service>.health, whose first line that is no comment is an address. Where it is none, why
# is in $bad_address, and nobody is asked there.
look_at_operators() {
  [ "$1" = "$health_service" ] && [ -f "$6/$1.health" ] && [ -r "$6/$1.health" ] || return 0
  operators_file=$6/$1.health
  operators=$(sed -n -e '/^[[:space:]]*#/d' -e 's/^[[:space:]]*//' -e 's/[[:space:]]*$//' -e '/./{p;q;}' "$operators_file")
  operators_rest=${operators#http://}
  operators_path=/
  case $operators_rest in */*) operators_path=/${operators_rest#*/} ;; esac
  operators_rest=${operators_rest%%/*}
  case $operators_rest in
    *']') operators_rest=$operators_rest:80 ;;
    *:*) ;;
    *) operators_rest=$operators_rest:80 ;;
  esac
  case $operators in
    *[[:space:]]*) ;;
    http://*)
      if take_address "$operators_file" "$operators_rest"; then
        health_path=$operators_path
        health_origin=$operators_file
        return 0
      fi
      ;;
  esac
  bad_address="$operators_file says '$operators', and an address such as http://127.0.0.1:8222/healthz is looked for there, by which $1 is asked for its health; mend it, then try again."
}

# check_addresses: before anything depends on them
check_addresses() {
  find_addresses
  [ -z "$bad_address" ] || die 2 "$bad_address"
}

# origin_of SERVICE: in $origin, whose word the address is
origin_of() {
  origin=
  origin_service=$1
  each_line look_at_origin "$health_origins"
  origin=${origin:-the product definition}
}
look_at_origin() { case $1 in "$origin_service "*) origin=${1#* } ;; esac }
