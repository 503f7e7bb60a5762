# install: verify, unpack, converge. Every step looks first and changes only what is not as it should be, so that a
# second run does nothing and a run that was killed is finished by the next one.

stage=$root/.greenlight-stage

cleanup() {
  rm -rf -- "$stage"
  # A first install that was refused leaves nothing.
  rmdir -- "$root" 2>/dev/null || :
}

check_machine() {
  need_root
  case $platform in
    linux-x64) machine_wanted=x86_64 ;;
    linux-arm64) machine_wanted=aarch64 ;;
    *) die 3 "this release is for $platform, which this installer cannot install." ;;
  esac
  machine_found=$(uname -s)-$(uname -m)
  [ "$machine_found" = "Linux-$machine_wanted" ] || die 3 "this release is for $platform, but this machine is $machine_found; take the archive for this machine."
  has sha256sum || die 3 "sha256sum is missing; install coreutils."
  has unzip || has python3 || die 3 "neither unzip nor python3 is there to unpack the archive; install unzip."
  if [ "$has_services" = yes ]; then
    has systemctl || die 3 "systemctl is missing; this release runs as a systemd service."
    has useradd || has adduser || die 3 "neither useradd nor adduser is there to make the service's user; install passwd."
    has curl || has wget || { has bash && has timeout; } || die 3 "curl, wget and bash are all missing, so that the service's health cannot be asked for; install one of them."
  fi
}

check_archive() {
  [ -n "$archive" ] || die 2 "say which archive: install --archive FILE --sha256 DIGEST"
  [ -n "$digest" ] || die 2 "say the archive's digest: install --archive FILE --sha256 DIGEST"
  case $digest in *[!0-9a-f]*) die 2 "the digest $digest is not lower-case hexadecimal." ;; esac
  [ ${#digest} = 64 ] || die 2 "the digest $digest has ${#digest} digits, not the 64 of SHA-256."
  { [ -f "$archive" ] && [ -r "$archive" ]; } || die 4 "$archive is not a readable file."
  archive_digest=$(digest_of "$archive")
  [ "$archive_digest" = "$digest" ] || die 4 "$archive has SHA-256 $archive_digest, not $digest; fetch it again."
}

check_link() {
  if [ -e "$commands/$1" ] || [ -L "$commands/$1" ]; then
    our_link "$commands/$1" || die 5 "$commands/$1 is there and not ours; move it away, then try again."
  fi
}

check_service() {
  if [ -e "$2" ] || [ -L "$2" ]; then
    is_recorded unit "$2" || die 5 "$2 is there and not ours; move it away, then try again."
  fi
  # Kept state belongs to root, or to nobody when its user was removed by hand.
  [ -e "$5" ] || return 0
  [ -d "$5" ] || die 5 "$5 should be the folder for the state of $1, and is something else; move it away, then try again."
  state_owner=$(stat -c %U "$5")
  case $state_owner in "$4" | root | UNKNOWN) ;; *) die 5 "$5 belongs to $state_owner; move it away or give it to root, then try again." ;; esac
}

check_ours() {
  foreign_root && die 5 "$root holds something that no installer of ours put there; move it away, then try again."
  record_kind=$(recorded kind)
  [ -z "$record_kind" ] || [ "$record_kind" = "$kind" ] || die 5 "$root holds the kind $record_kind of $product; uninstall that first."
  each_command check_link
  each_service check_service
}

unpack() {
  if has unzip; then
    unzip -q -d "$stage" -- "$archive" || die 4 "$archive could not be unpacked (unzip ended with $?)."
  else
    python3 - "$archive" "$stage" <<'END' || die 4 "$archive could not be unpacked by python3."
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    for entry in z.infolist():
        path = z.extract(entry, sys.argv[2])
        mode = (entry.external_attr >> 16) & 0o777
        if mode and not entry.is_dir():
            os.chmod(path, mode)
END
  fi
}

# The archive's executable bits are evidence: they are looked at, never mended.
check_binary() {
  [ -f "$stage/$1" ] || die 4 "the archive holds no $1."
  [ -x "$stage/$1" ] || die 4 "$1 in the archive is not executable; the archive was packed wrongly."
}

# Puts the release folder in place, unless it is there and whole.
place_release() {
  intact "$release" && return 0
  rm -rf -- "$root"/.greenlight-*
  mkdir -m 0755 -- "$stage"
  unpack
  [ -z "$(find "$stage" ! -type f ! -type d | head -n 1)" ] || die 4 "the archive holds something that is neither a file nor a folder."
  each_binary check_binary
  intact "$stage" || die 4 "the archive's content does not agree with its own checksums.txt."
  begin_record
  mkdir -p -- "$root/versions"
  if [ -e "$release" ]; then
    say "$release was damaged; it is put in place again."
    mv -T -- "$release" "$root/.greenlight-damaged"
  fi
  sync -f "$root" 2>/dev/null || sync
  need_restart
  mv -T -- "$stage" "$release"
  rm -rf -- "$root"/.greenlight-*
  changed=yes
}

# The record says what uninstall may take away. It is written before anything that it names is made.
own() { is_recorded "$1" "$2" || printf '%s=%s\n' "$1" "$2"; }
own_link() { own link "$commands/$1"; }
own_config() { [ -e "$1" ] || own config "$(printf '%s' "$2" | sha256sum | cut -c 1-64) $1"; }
own_service() {
  own unit "$2"
  own state "$5"
  [ -e "$6" ] || own config_folder "$6"
  id -u "$4" >/dev/null 2>&1 || own user "$4"
}

record_lines() {
  printf '%s\n' 'greenlight-install-record 1'
  print product "$product"
  print kind "$kind"
  print version "$version"
  print sha256 "$digest"
  print release "$release"
  for owned_key in link unit user state config_folder config; do
    recorded "$owned_key" | while IFS= read -r owned; do print "$owned_key" "$owned"; done
  done
  each_command own_link
  each_service own_service
  each_config own_config
}

begin_record() {
  record_text=$(record_lines)
  if [ -f "$record" ] && printf '%s\n' "$record_text" | cmp -s - "$record"; then return 0; fi
  printf '%s\n' "$record_text" >"$root/.greenlight-record"
  mv -T -- "$root/.greenlight-record" "$record"
  changed=yes
}

# What was changed under a running service is kept in a file until the service runs it: a killed run is finished so.
need_restart() {
  [ "$restart" = no ] || return 0
  : >"$root/restart-needed"
  restart=yes
}

# put_file FILE MODE OWNER TEXT: exactly this text, in one step
put_file() {
  if [ -f "$1" ] && [ ! -L "$1" ] && printf '%s' "$4" | cmp -s - "$1"; then return 0; fi
  put_temporary=$(dirname "$1")/.greenlight-$product
  printf '%s' "$4" >"$put_temporary"
  chmod "$2" "$put_temporary"
  chown "$3" "$put_temporary"
  [ "$has_services" = no ] || need_restart
  mv -T -- "$put_temporary" "$1"
  changed=yes
}

put_link() {
  [ "$(readlink "$commands/$1" 2>/dev/null)" = "$current/$1" ] && return 0
  mkdir -p -- "$commands"
  ln -sfn -- "$current/$1" "$commands/.greenlight-$product"
  mv -T -- "$commands/.greenlight-$product" "$commands/$1"
  changed=yes
}

switch_current() {
  [ "$(readlink "$current" 2>/dev/null)" = "versions/${release##*/}" ] && return 0
  ln -sfn -- "versions/${release##*/}" "$root/.greenlight-current"
  need_restart
  mv -T -- "$root/.greenlight-current" "$current"
  changed=yes
}

# put_folder FOLDER MODE OWNER
put_folder() {
  [ -d "$1" ] || {
    mkdir -p -- "$1"
    changed=yes
  }
  [ "$(stat -c %U:%G "$1")" = "$3" ] || {
    # State that an earlier uninstall kept belongs to root: it is given back, with everything in it.
    chown -Rh -- "$3" "$1"
    changed=yes
  }
  [ "$(stat -c 0%a "$1")" = "$2" ] || {
    chmod "$2" "$1"
    changed=yes
  }
}

prepare_service() {
  id -u "$4" >/dev/null 2>&1 || {
    nologin=$(command -v nologin || printf '%s' /bin/false)
    if has useradd; then
      useradd --system --user-group --no-create-home --home-dir "$5" --shell "$nologin" "$4"
    else
      adduser --quiet --system --group --no-create-home --home "$5" --shell "$nologin" "$4" >&2
    fi
    changed=yes
  }
  put_folder "$5" 0750 "$4:$4"
  # A folder that was there before us stays as its owner made it.
  if is_recorded config_folder "$6"; then put_folder "$6" 0750 "root:$4"; fi
}

# put_config FILE TEXT USER: once; from then on it is the operator's
put_config() {
  if [ -e "$1" ] || [ -L "$1" ]; then return 0; fi
  mkdir -p -- "$(dirname "$1")"
  put_file "$1" 0640 "root:$3" "$2"
}

put_unit() { put_file "$2" 0644 root:root "$3"; }

# Reloading costs systemd seconds on a slow machine: enabling leaves it to the one reload that follows.
enable_service() {
  systemctl is-enabled --quiet "$1" 2>/dev/null || {
    systemctl enable --quiet --no-reload "$1"
    reload=yes
    changed=yes
  }
}

# run_service NAME …: running what was installed
run_service() {
  if [ "$restart" = no ] && systemctl is-active --quiet "$1"; then return 0; fi
  changed=yes
  systemctl reset-failed "$1" 2>/dev/null || :
  systemctl restart "$1" || unhealthy "$1" "could not be started"
}

unhealthy() {
  journalctl --no-pager -q -n 20 -u "$1" >&2 2>/dev/null || :
  die 6 "service $1 $2; its last lines are above, and it stays installed for you to look at."
}

await_service() {
  await_end=$(($(date +%s) + wait_seconds))
  until http_ok "$7" "$8" "$9" && systemctl is-active --quiet "$1"; do
    case $(systemctl is-active "$1" 2>/dev/null) in
      failed | inactive) unhealthy "$1" "ended instead of becoming healthy" ;;
    esac
    [ "$(date +%s)" -lt "$await_end" ] || unhealthy "$1" "did not become healthy within $wait_seconds s"
    sleep 0.2 2>/dev/null || sleep 1
  done
}

print_link() { print command "$commands/$1"; }
print_service() {
  print service "$1"
  print state_folder "$5"
  print config_folder "$6"
}

install_release() {
  check_machine
  check_archive
  check_ours
  mkdir -p -- "$root"
  lock_root
  restart=no
  reload=no
  [ ! -e "$root/restart-needed" ] || restart=yes
  trap cleanup EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  release=$root/versions/$version-$(printf '%s' "$digest" | cut -c 1-8)
  place_release
  begin_record
  each_service prepare_service
  each_config put_config
  each_service put_unit
  switch_current
  each_command put_link
  if [ "$has_services" = yes ]; then
    each_service enable_service
    [ "$restart$reload" = nono ] || systemctl daemon-reload
    each_service run_service
    each_service await_service
    rm -f -- "$root/restart-needed"
  fi
  print product "$product"
  print kind "$kind"
  print version "$version"
  print sha256 "$digest"
  print install_root "$root"
  print release_folder "$release"
  each_command print_link
  each_service print_service
  print changed "$changed"
  [ "$changed" = yes ] || say "$product $version is installed as it should be; nothing was changed."
}
