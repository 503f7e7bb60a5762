# Prints where a program is and where it leads, a line each: whether it can be executed, its path, and the file that this is in the end.
#   command NAME          the command of that name, and if it is a script the programs that it becomes
#   command NAME FOLDER   files of that name in a folder
set -u
show() {
  able=no
  [ ! -x "$1" ] || able=yes
  printf '%s\t%s\t%s\n' $able "$1" "$(readlink -f "$1")"
}
if [ $# -gt 1 ]; then
  find -L "$2" -name "$1" -type f | while IFS= read -r file; do show "$file"; done
  exit
fi
file=$(command -v "$1") || {
  echo "$1 is not on PATH ($PATH)" >&2
  exit 1
}
show "$file"
[ "$(head -c 2 "$file" | tr -d '\0')" = '#!' ] || exit 0
sed -n "s/^exec '\([^']*\)'.*/\1/p; s/^exec \([^' ]*\) .*/\1/p" "$file" | while IFS= read -r program; do show "$program"; done
