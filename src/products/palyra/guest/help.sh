# ROOT ARGUMENT COMMANDS COMMAND…: asks for the help page of every packaged one, and of every COMMAND. Beside the packaged pages in the
# folder `pages` come to lie NAME.printed, and NAME.called for a command with ARGUMENT in its middle; `asked` has a line for each:
# exit code, kind, file, command. COMMANDS are those of the first level.
set -u
release=$1/current argument=$2 commands=$3
shift 3
cp -r "$release/docs/help_snapshots" pages || exit
: >asked

# ask KIND FILE COMMAND: asks the binary itself. A shim doubles the time of each of some hundred processes.
ask() {
  # shellcheck disable=SC2086 # a command is several words
  "$release/palyra" $3 --help >"pages/$2.$1" 2>/dev/null </dev/null
  echo "$? $1 $2 $3" >>asked
}

# words_of FILE USAGE: the words of the usage line that make the file's name, whatever arguments stand between them, since the name
# alone does not tell a blank from a hyphen. An alias's page names the command that it is another name of; then the file begins
# with the alias, and goes on as the usage line does. $words is the command; $called has ARGUMENT wherever the line has one.
words_of() {
  name=${1%-help.txt}
  set -f
  # shellcheck disable=SC2086 # its words
  set -- ${2#*Usage: palyra}
  set +f
  for first in '' $commands; do
    words='' called='' joined=''
    for word; do
      case $word in
        [a-z]*) ;;
        "<"*)
          called="$called $argument"
          continue
          ;;
        -*)
          called="$called $word"
          continue
          ;;
        *) continue ;;
      esac
      [ -n "$words" ] || word=${first:-$word}
      words="$words${words:+ }$word" called="$called${called:+ }$word" joined="$joined${joined:+-}$word"
      [ "$joined" != "$name" ] || return 0
      case $name in "$joined"-*) ;; *) break ;; esac
    done
  done
  return 1
}

(cd pages && grep -Hm 1 '^Usage: palyra' -- *-help.txt) >usages
while IFS=: read -r file usage; do
  words_of "$file" "$usage" || continue
  ask printed "$file" "$words"
  [ "$called" = "$words" ] || ask called "$file" "$called"
done <usages
# file_of WORD…: the name of a command's page
file_of() {
  IFS=-
  file="$*-help.txt"
  unset IFS
}
for command; do
  # shellcheck disable=SC2086 # a command is several words
  file_of $command
  [ -e "pages/$file.printed" ] || ask printed "$file" "$command"
done
palyra --help >pages/root-help-unix.txt.printed 2>/dev/null
echo "$? printed root-help-unix.txt " >>asked
