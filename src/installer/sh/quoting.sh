# One function for each language that a value is written into; the answer is in $quoted. They start no process.

# replace TEXT WHAT WITH: the answer is in $replaced
replace() {
  replaced=
  replace_rest=$1
  while :; do
    case $replace_rest in
      *"$2"*)
        replaced=$replaced${replace_rest%%"$2"*}$3
        replace_rest=${replace_rest#*"$2"}
        ;;
      *) break ;;
    esac
  done
  replaced=$replaced$replace_rest
}

# Control characters are refused everywhere: no path needs them, and no two of these languages agree on them.
one_line() { case $2 in *[[:cntrl:]]*) die 2 "$1 holds a control character; leave it out." ;; esac }

# is_utf8 TEXT: by its bytes, for not every machine has a locale of that encoding
is_utf8() {
  case $1 in *[!\ -~]*) ;; *) return 0 ;; esac
  utf8_shape=$(printf '[ -~]|[\302-\337][\200-\277]|\340[\240-\277][\200-\277]|[\341-\354\356\357][\200-\277]{2}|\355[\200-\237][\200-\277]|\360[\220-\277][\200-\277]{2}|[\361-\363][\200-\277]{3}|\364[\200-\217][\200-\277]{2}')
  printf '%s\n' "$1" | grep -aEqx -e "($utf8_shape)*"
}

# unit_line WHAT TEXT: systemd passes over an assignment that is not UTF-8, with no more than a line in the journal.
unit_line() {
  one_line "$1" "$2"
  is_utf8 "$2" || die 2 "$1 is not UTF-8, so that systemd would pass over it; choose a name that is."
}

# A word of a POSIX shell.
shell_word() {
  replace "$1" "'" "'\\''"
  quoted="'$replaced'"
}

# A path in ReadWritePaths= and the executable in ExecStart=: double quotes with C escapes, % doubled against specifiers.
systemd_path() {
  unit_line "A path of a unit" "$1"
  case $1 in
    *[!A-Za-z0-9_./:=,-]* | '')
      replace "$1" '\' '\\'
      replace "$replaced" '"' '\"'
      replace "$replaced" % %%
      quoted="\"$replaced\""
      ;;
    *) quoted=$1 ;;
  esac
}

# An argument in ExecStart=: there, variables are known too.
systemd_argument() {
  systemd_path "$1"
  replace "$quoted" '$' '$$'
  quoted=$replaced
}

# systemd_line WHAT TEXT: the rest of a line, as in Description= and WorkingDirectory=: no quotes there, only specifiers.
systemd_line() {
  unit_line "$1" "$2"
  case $2 in '' | ' '* | *' ' | *'\') die 2 "$1 $2 starts or ends with a space or ends with a backslash, which systemd would cut off; choose another." ;; esac
  replace "$2" % %%
  quoted=$replaced
}

# systemd_glob WHAT PATH: the path in EnvironmentFile=, which is a glob pattern without quotes.
systemd_glob() {
  replace "$2" '\' '\\'
  for glob_mark in '*' '?' '[' ']'; do replace "$replaced" "$glob_mark" "\\$glob_mark"; done
  systemd_line "$1" "$replaced"
}

# NAME="value" of an environment file, which a POSIX shell reads alike.
environment_line() {
  unit_line "Environment variable $1" "$2"
  replace "$2" '\' '\\'
  for environment_mark in '"' '`' '$'; do replace "$replaced" "$environment_mark" "\\$environment_mark"; done
  quoted="$1=\"$replaced\""
}

# A string of JSON, or null where there is nothing.
json_text() {
  case $1 in '')
    quoted=null
    return 0
    ;;
  esac
  replace "$1" '\' '\\'
  replace "$replaced" '"' '\"'
  quoted="\"$replaced\""
}
