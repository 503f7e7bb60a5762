# Secrets that are made on the machine, in the form that the product definition gives them: never shown, never written over.

# secrets_file SERVICE: in $secrets_file
secrets_file() {
  secrets_service=$1
  each_service find_secrets_file
}
find_secrets_file() { [ "$1" != "$secrets_service" ] || secrets_file=$6/$1.secrets; }

# secret_line NAME: the pattern of a line that sets it, as systemd reads environment files
secret_line() { secret_line="^[[:space:]]*$1[[:space:]]*="; }

# random_secret BYTES ENCODING: in $secret
random_secret() {
  case $2 in
    hex) secret=$(od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n') ;;
    base64) secret=$(head -c "$1" /dev/urandom | base64 -w 0) ;;
  esac
}

# has_form VALUE BYTES ENCODING PREFIX: by what it would be decoded to. The value is no argument of any process.
has_form() {
  form_value=${1#"$4"}
  [ "$4$form_value" = "$1" ] || return 1
  case $3 in
    hex)
      case $form_value in *[!0-9A-Fa-f]*) return 1 ;; esac
      [ ${#form_value} -eq $(($2 * 2)) ]
      ;;
    base64)
      case $form_value in *[!A-Za-z0-9+/=]*) return 1 ;; esac
      # Some decoders take no bits that stand for nothing: encoded again, it must be the same.
      [ "$(printf '%s' "$form_value" | base64 -d 2>/dev/null | wc -c)" -eq "$2" ] &&
        [ "$(printf '%s' "$form_value" | base64 -d 2>/dev/null | base64 -w 0)" = "$form_value" ]
      ;;
  esac
}

# secret_fits FILE NAME BYTES ENCODING PREFIX: whether the value that systemd would take from the file has its form
secret_fits() {
  secret_line "$2"
  # Of several the last one counts, and white space around it does not.
  secret=$(sed -n "s/${secret_line}[[:space:]]*//p" "$1" | sed -n '$s/[[:space:]]*$//p')
  case $secret in
    \"*\" | \'*\')
      secret=${secret#?}
      secret=${secret%?}
      ;;
  esac
  fits=no
  if has_form "$secret" "$3" "$4" "$5"; then fits=yes; fi
  secret=
  form_value=
  [ "$fits" = yes ]
}

# name_unfit FILE NAME BYTES ENCODING PREFIX: says that a value does not have its form, and prints nothing of it
name_unfit() {
  case $4 in hex) form_said="$3 bytes as $(($3 * 2)) hexadecimal digits" ;; *) form_said="$3 bytes in standard base64" ;; esac
  [ -z "$5" ] || form_said="'$5' and $form_said"
  say "$2 in $1 is not $form_said, which its service may refuse; it was left as it is. Put one of that form there, or take the line out to have one made, which opens nothing that was sealed with the other; then install again."
}

# put_secret SERVICE NAME BYTES ENCODING PREFIX: made once; a file that has it already keeps its text
put_secret() {
  secrets_file "$1"
  secret_file=$secrets_file
  secret_text=
  if [ -f "$secret_file" ]; then
    secret_line "$2"
    if grep -q -e "$secret_line" "$secret_file"; then
      put_mode "$secret_file" 0600 root:root
      shift
      secret_fits "$secret_file" "$@" || name_unfit "$secret_file" "$@"
      return 0
    fi
    secret_text=$(cat -- "$secret_file")$nl
  fi
  random_secret "$3" "$4"
  has_form "$5$secret" "$3" "$4" "$5" || die 1 "/dev/urandom gave no secret for $2."
  put_file "$secret_file" 0600 root:root "$secret_text$2=$5$secret$nl"
  secret=
  form_value=
  secret_text=
}
