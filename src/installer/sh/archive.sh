# What is known of the archive and of this machine before anything is touched, and the way from there into the release folder.

check_machine() {
  [ "$me" = 0 ] || [ "$has_services" = no ] || die 3 "this needs root, for it makes a user and units of systemd; run it with sudo, or install the programs alone, for yourself, with --no-service; nothing was changed."
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
    need_systemd
    has useradd || has adduser || die 3 "neither useradd nor adduser is there to make the service's user; install passwd."
    [ -z "$setup_binary" ] || has setpriv || has runuser || die 3 "neither setpriv nor runuser is there to set the product up as its service's user; install util-linux."
    has curl || has wget || { has bash && has timeout; } || die 3 "curl, wget and bash are all missing, so that the service's health cannot be asked for; install one of them."
  fi
}

check_signature() {
  if [ -z "$signature" ]; then
    [ -z "$pinned_signer" ] || die 4 "this release is signed, and no signature was given: install … --signature FILE"
    [ -z "$signer" ] || die 2 "--signer says who must have signed, and no --signature was given."
    return 0
  fi
  has ssh-keygen || die 3 "ssh-keygen is missing to verify the signature; install openssh-client."
  { [ -f "$signature" ] && [ -r "$signature" ]; } || die 4 "$signature is not a readable file."
  if [ -n "$pinned_signer" ]; then
    # Whom the release pins is who counts, whoever else is named.
    exec 8<<END
$pinned_signer
END
    signers=/dev/fd/8
  else
    [ -n "$signer" ] || die 2 "say whose signature it must be: --signer ALLOWED_SIGNERS"
    { [ -f "$signer" ] && [ -r "$signer" ]; } || die 4 "$signer is not a readable file."
    signers=$signer
  fi
  ssh-keygen -Y verify -f "$signers" -I release -n greenlight-release -s "$signature" <"$checked" >/dev/null 2>&1 ||
    die 4 "$signature is no signature of $archive by its signer; fetch both again from the publisher."
  exec 8<&-
}

# manifest_field NAME: of the release's manifest, whose own lines are indented by two; in $found
manifest_field() {
  found=
  manifest_start="  \"$1\": \""
  each_line look_for_field "$manifest_fields"
}
look_for_field() {
  case $1 in "$manifest_start"*) ;; *) return 0 ;; esac
  found=$found${1#"$manifest_start"}
  found=${found%,}
  # What holds another quote or an escape is nothing that would be looked for.
  case ${found%'"'} in *[\"\\]*) found= ;; *) found=${found%'"'} ;; esac
}

check_manifest() {
  if has unzip; then
    manifest_text=$(unzip -p -- "$checked" release-manifest.json 2>/dev/null) || manifest_text=
  else
    manifest_text=$(python3 -c 'import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read("release-manifest.json").decode())' "$checked" 2>/dev/null) || manifest_text=
  fi
  [ -n "$manifest_text" ] || die 4 "$archive could not be unpacked, or holds no release-manifest.json."
  # A shell takes a line at a time: of a hundred, those that are asked for.
  manifest_fields=$(
    grep -E '^  "(artifact_kind|artifact_name|platform|version)": "' <<END
$manifest_text
END
  ) || manifest_fields=
  for manifest_pair in "artifact_kind $kind" "platform $platform" "version $version" "artifact_name $base"; do
    manifest_field "${manifest_pair%% *}"
    [ "$found" = "${manifest_pair#* }" ] || die 4 "the archive is of ${manifest_pair%% *} '$found', and this installer is for '${manifest_pair#* }'; take the installer that came with it."
  done
}

check_archive() {
  [ -n "$archive" ] || die 2 "say which archive: install --archive FILE --sha256 DIGEST"
  [ -n "$digest" ] || die 2 "say the archive's digest: install --archive FILE --sha256 DIGEST"
  case $digest in *[!0-9a-f]*) die 2 "the digest $digest is not lower-case hexadecimal." ;; esac
  [ ${#digest} = 64 ] || die 2 "the digest $digest has ${#digest} digits, not the 64 of SHA-256."
  { [ -f "$archive" ] && [ -r "$archive" ]; } || die 4 "$archive is not a readable file."
  check_content "$archive"
}

# check_content FILE: the archive by its own name, or the copy of it
check_content() {
  checked=$1
  archive_digest=$(digest_of "$checked")
  [ "$archive_digest" = "$digest" ] || die 4 "$archive has SHA-256 $archive_digest, not $digest; fetch it again."
  check_signature
  check_manifest
}

# What was verified by its name may be another file by that name when it is read again, above all after waiting for another installer.
# Unpacked is a copy that nobody else can change, once that copy is what the archive must be.
copy_archive() {
  archive_copy=$root/.greenlight-archive
  (umask 077 && cat -- "$archive" >"$archive_copy") || die 1 "$archive could not be copied to $root; make room there, then try again."
  check_content "$archive_copy"
}

unpack() {
  if has unzip; then
    telling unzip -q -d "$stage" -- "$archive_copy" || die 4 "$archive could not be unpacked (unzip ended with $telling_code)."
  else
    python3 - "$archive_copy" "$stage" <<'END' || die 4 "$archive could not be unpacked by python3."
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

look_at_binary() {
  if [ ! -f "$modes_folder/$1" ] || [ ! -x "$modes_folder/$1" ]; then modes_whole=no; fi
}

# whole FOLDER: content by its checksums, programs that can be executed, and nothing that would run as somebody else or that others may change
whole() {
  intact "$1" || return 1
  modes_folder=$1
  modes_whole=yes
  each_binary look_at_binary
  [ "$modes_whole" = yes ] && [ -z "$(find "$1/." \( -perm /6000 -o ! -type l -perm /0002 \) -print -quit)" ]
}

# Puts the release folder in place, unless it is there and whole.
place_release() {
  whole "$release" && return 0
  rm -rf -- "$root"/.greenlight-*
  copy_archive
  mkdir -m 0755 -- "$stage"
  unpack
  rm -f -- "$archive_copy"
  [ -z "$(find "$stage" ! -type f ! -type d -print -quit)" ] || die 4 "the archive holds something that is neither a file nor a folder."
  each_binary check_binary
  intact "$stage" || die 4 "the archive's content does not agree with its own checksums.txt."
  # What an archive's entries say of users and of everybody is not taken over.
  chmod -R u-s,g-s,o-w -- "$stage"
  # From here on the folder is known as ours. What it says of a version stays as it is until the backup is taken.
  [ -f "$record" ] || seed_record
  mkdir -p -- "$root/versions"
  sync
  if [ -e "$release" ]; then
    say "$release was damaged; it is put in place again."
    mv -T -- "$release" "$root/.greenlight-damaged"
  fi
  need_restart
  mv -T -- "$stage" "$release"
  rm -rf -- "$root"/.greenlight-*
  changed=yes
}
