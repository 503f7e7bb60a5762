# The few texts that are read from another installer's metadata, out of JSON as any writer may have put it.

# json_hex: takes \uXXXX off the front of $json_rest, its number into $json_unit
json_hex() {
  json_rest=${json_rest#'\u'}
  json_part=${json_rest%"${json_rest#????}"}
  json_unit=$((0x$json_part))
  json_rest=${json_rest#????}
}

# json_byte NUMBER: added to $json_value
json_byte() {
  # shellcheck disable=SC2059 # the format is the character
  json_value=$json_value$(printf "\\$(printf %o "$1")")
}

# json_number: the character that is escaped at the front of $json_rest, as UTF-8
json_number() {
  json_hex
  json_point=$json_unit
  # What is beyond 16 bits is written as two.
  if [ "$json_point" -ge 55296 ] && [ "$json_point" -le 56319 ]; then
    case $json_rest in '\u'[Dd][C-Fc-f][0-9A-Fa-f][0-9A-Fa-f]*) ;; *) return 1 ;; esac
    json_hex
    json_point=$((65536 + (json_point - 55296) * 1024 + json_unit - 56320))
  fi
  # No path of ours has a control character, and no text half of a pair.
  if [ "$json_point" -lt 32 ] || [ "$json_point" -eq 127 ] || { [ "$json_point" -ge 55296 ] && [ "$json_point" -le 57343 ]; }; then return 1; fi
  if [ "$json_point" -lt 128 ]; then
    json_byte "$json_point"
    return 0
  elif [ "$json_point" -lt 2048 ]; then
    json_byte "$((192 + json_point / 64))"
  else
    if [ "$json_point" -lt 65536 ]; then
      json_byte "$((224 + json_point / 4096))"
    else
      json_byte "$((240 + json_point / 262144))"
      json_byte "$((128 + json_point / 4096 % 64))"
    fi
    json_byte "$((128 + json_point / 64 % 64))"
  fi
  json_byte "$((128 + json_point % 64))"
}

# json_string: reads a string off the front of $json_rest into $json_value
json_string() {
  json_value=
  json_rest=${json_rest#'"'}
  while :; do
    json_part=${json_rest%%[\"\\]*}
    json_value=$json_value$json_part
    json_rest=${json_rest#"$json_part"}
    case $json_rest in
      '"'*)
        json_rest=${json_rest#'"'}
        return 0
        ;;
      '\\'* | '\"'* | '\/'*)
        json_rest=${json_rest#?}
        json_part=${json_rest%"${json_rest#?}"}
        json_value=$json_value$json_part
        json_rest=${json_rest#?}
        ;;
      '\u'[0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f][0-9A-Fa-f]*)
        # Some writers escape by number whatever is no plain letter.
        json_number || return 1
        ;;
      *) return 1 ;;
    esac
  done
}

json_skip() {
  while :; do
    case $json_rest in ' '* | ':'* | ','*) json_rest=${json_rest#?} ;; *) return 0 ;; esac
  done
}

# json_values NAME: what the first member of the name holds, strings only, a line each
json_values() {
  case $json_all in *"\"$1\""*) ;; *) return 0 ;; esac
  json_rest=${json_all#*"\"$1\""}
  json_skip
  case $json_rest in
    '"'*)
      json_string || return 1
      printf '%s\n' "$json_value"
      ;;
    '['*)
      json_rest=${json_rest#'['}
      json_skip
      while :; do
        case $json_rest in '"'*) ;; *) return 0 ;; esac
        json_string || return 1
        printf '%s\n' "$json_value"
        json_skip
      done
      ;;
  esac
}
