# Hardened systemd units and their environment files (systemd.exec(5), systemd.service(5); systemd 247 and later).

# What every service of ours goes without. `systemd-analyze security` rates a unit with these below 2.0.
# The address filter is left to the operator: a daemon that is later told to serve others would be cut off without a word. Memory may be made executable: engines that compile what they run (WebAssembly, a browser's scripts) die of a ban.
hardening='NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
DevicePolicy=closed
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
UMask=0077'

# The words of ExecStart= after the executable, in $unit_words.
add_argument() {
  [ "$1" = "$unit_service" ] || return 0
  systemd_argument "$2"
  unit_words="$unit_words $quoted"
}

# systemd refuses quotes and backslashes in the executable's own name, whatever the quoting (it takes them for a mistake);
# such a name goes through a shell, which is replaced by the service at once.
exec_start() {
  case $1 in
    *[\"\'\\]*)
      systemd_argument 'exec "$0" "$@"'
      unit_words="/bin/sh -c $quoted"
      systemd_argument "$1"
      unit_words="$unit_words $quoted"
      ;;
    *)
      systemd_path "$1"
      unit_words=$quoted
      ;;
  esac
  each_argument add_argument
}

note_secrets_file() { [ "$1" != "$unit_service" ] || unit_secrets=yes; }

# writable FOLDER …: each once, in $unit_writable
writable() {
  for writable_folder; do
    systemd_path "$writable_folder"
    case " $unit_writable " in *" $quoted "*) ;; *) unit_writable="$unit_writable${unit_writable:+ }$quoted" ;; esac
  done
}

# unit_text SERVICE…: the text, without its last line's end, is in $unit_text
unit_text() {
  unit_service=$1
  unit_secrets=no
  each_secret note_secrets_file
  systemd_line "Description of a service" "$2"
  unit_description=$quoted
  exec_start "$3"
  systemd_glob "Folder of the environment file" "$6/$1.env"
  unit_environment=EnvironmentFile=$quoted
  if [ "$unit_secrets" = yes ]; then
    systemd_glob "Folder of the secrets" "$6/$1.secrets"
    unit_environment=$unit_environment${nl}EnvironmentFile=$quoted
  fi
  unit_writable=
  # Services that share the product's state share it whole; what the product set up itself, it may also change.
  if inside "$5" "$state"; then writable "$state"; else writable "$5"; fi
  [ -z "$setup_binary" ] || inside "$6" "$state" || writable "$6"
  unit_before=
  if [ -n "$setup_binary" ]; then
    # Whoever changes it as root by way of a new file (sed -i, the product's own command) leaves it root's alone.
    systemd_argument "$config_file"
    unit_before="ExecStartPre=+-/bin/chown -h $4:$4 $quoted$nl"
  fi
  systemd_line "State folder of a service" "$5"
  unit_text="# Written by the installer, which also mends it. Your own settings belong in a drop-in: systemctl edit <unit>
[Unit]
Description=$unit_description
After=network.target
StartLimitIntervalSec=60
StartLimitBurst=5

[Service]
# exec: a start that cannot even execute the binary is a failed start, not a running service that died.
Type=exec
User=$4
Group=$4
$unit_environment
${unit_before}ExecStart=$unit_words
WorkingDirectory=$quoted
ReadWritePaths=$unit_writable
Restart=on-failure
RestartSec=2
TimeoutStopSec=30
LimitNOFILE=65536

$hardening

[Install]
WantedBy=multi-user.target"
}

add_variable() {
  [ "$1" = "$unit_service" ] || return 0
  environment_line "$2" "$3"
  environment_text="$environment_text$quoted$nl"
}

# environment_text SERVICE: the whole file is in $environment_text
environment_text() {
  unit_service=$1
  environment_text="# Environment of the service. Written once; yours from then on.$nl"
  each_variable add_variable
}
