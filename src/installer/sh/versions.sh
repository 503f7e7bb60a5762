# The order of versions: Semantic Versioning 2.0.0, section 11. Versions have no space and no other mark of a shell's patterns.

# compare_identifier ONE TWO: in $order, before, same or after
compare_identifier() {
  order=same
  [ "$1" != "$2" ] || return 0
  case $1 in *[!0-9]*) order_one=text ;; *) order_one=number ;; esac
  case $2 in *[!0-9]*) order_two=text ;; *) order_two=number ;; esac
  order=before
  case $order_one-$order_two in
    number-text) return 0 ;;
    text-number)
      order=after
      return 0
      ;;
    number-number)
      # Of any length, without leading zeros: more digits are more.
      [ ${#1} -ge ${#2} ] || return 0
      if [ ${#1} -gt ${#2} ]; then order=after; fi
      [ ${#1} -eq ${#2} ] || return 0
      ;;
  esac
  [ "$(printf '%s\n' "$1" "$2" | sort | head -n 1)" = "$1" ] || order=after
}

# compare_identifiers ONE TWO: separated by dots; of those that are alike as far as they go, the shorter comes before
compare_identifiers() {
  order=same
  order_left=$1.
  order_right=$2.
  while [ "$order" = same ] && [ "$order_left$order_right" != '' ]; do
    if [ -z "$order_left" ]; then
      order=before
    elif [ -z "$order_right" ]; then
      order=after
    else
      compare_identifier "${order_left%%.*}" "${order_right%%.*}"
      order_left=${order_left#*.}
      order_right=${order_right#*.}
    fi
  done
}

# is_older VERSION THAN: build metadata has no say
is_older() {
  older_one=${1%%+*}
  older_two=${2%%+*}
  compare_identifiers "${older_one%%-*}" "${older_two%%-*}"
  case $order in
    before) return 0 ;;
    after) return 1 ;;
  esac
  # A version comes after all of its pre-releases.
  case $older_one in *-*) ;; *) return 1 ;; esac
  case $older_two in *-*) ;; *) return 0 ;; esac
  compare_identifiers "${older_one#*-}" "${older_two#*-}"
  [ "$order" = before ]
}
