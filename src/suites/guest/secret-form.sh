# Says of what form secrets are, and nothing of their values: whether each begins as it should, and of the rest how many characters it
# has, whether all are hexadecimal digits, and how many bytes it is in base64 (-1: it is no base64).
#   secret-form FILE [NAME PREFIX]…
set -u
file=$1
shift
while [ $# -gt 0 ]; do
  value=$(sed -n "s/^$1=\(.*\)$/\1/p" "$file") || exit
  case $value in \"*\") value=${value#?} value=${value%?} ;; esac
  prefixed=no hex=yes base64=-1
  case $value in "$2"*) prefixed=yes ;; esac
  value=${value#"$2"}
  case $value in *[!0-9A-Fa-f]*) hex=no ;; esac
  printf %s "$value" | base64 -d >decoded 2>/dev/null
  [ "$(base64 -w 0 <decoded)" != "$value" ] || base64=$(wc -c <decoded)
  rm -f decoded
  echo "$1 $prefixed ${#value} $hex $base64"
  shift 2
done
