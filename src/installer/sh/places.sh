# Where things go: what was chosen now, else what was chosen when it was installed, else the usual places.

# absolute OPTION PATH: the answer is in $absolute, in its shortest form
absolute() {
  one_line "$1" "$2"
  # A path that starts with a dash must not be taken for an option by anything that gets it.
  case $2 in /*) absolute=$2 ;; *) absolute=$PWD/$2 ;; esac
  # The folder that one is in has a say in it too.
  one_line "$1" "$absolute"
  case $absolute/ in *//* | */./* | */../*) absolute=$(realpath -ms -- "$absolute") ;; esac
}

# is_home PATH: whether it is the home folder, or what the caller has as one, by whichever name
is_home() { same_folder "$1" "$home" || same_folder "$1" "${caller_home:-$home}"; }
same_folder() {
  case $1 in "$2" | "$2"/) return 0 ;; esac
  [ -d "$1" ] && [ -d "$2" ] && [ "$(cd -P -- "$1" 2>/dev/null && pwd -P)" = "$(cd -P -- "$2" 2>/dev/null && pwd -P)" ]
}

# system_folder PATH: whether it is one that every system has, or that holds what others installed
system_folder() {
  case $1 in
    /bin/* | /boot/* | /dev/* | /lib/* | /lib64/* | /proc/* | /sbin/* | /sys/* | /System/*) return 0 ;;
    /etc/apt | /etc/cron.d | /etc/default | /etc/init.d | /etc/pam.d | /etc/profile.d | /etc/ssh | /etc/ssl | /etc/systemd | /etc/systemd/*) return 0 ;;
    /usr/local/bin | /usr/local/etc | /usr/local/games | /usr/local/include | /usr/local/lib | /usr/local/lib64 | /usr/local/libexec | /usr/local/man | /usr/local/sbin | /usr/local/share | /usr/local/src) return 0 ;;
    /usr/lib/systemd | /usr/lib/systemd/* | /usr/share/doc | /usr/share/man) return 0 ;;
    /var/backups | /var/cache | /var/crash | /var/lib | /var/local | /var/lock | /var/log | /var/mail | /var/opt | /var/run | /var/snap | /var/spool | /var/tmp | /var/www) return 0 ;;
    /var/lib/apt | /var/lib/dpkg | /var/lib/rpm | /var/lib/systemd | /var/log/journal | /var/spool/cron | /run/lock | /run/systemd | /run/user | /run/user/*) return 0 ;;
    /opt/homebrew | /Library/* | /private/etc | /private/tmp | /private/var) return 0 ;;
    /usr/*/*) return 1 ;;
    /usr/*) return 0 ;;
    /*/*) return 1 ;;
  esac
}

# own_place OPTION FOLDER: refuses what belongs to the system or to a whole user
own_place() {
  if is_home "$2"; then die 2 "$1 $2 is a home folder; give $title a folder of its own."; fi
  case $1:$2 in
    # A file may well lie in one of them, which stays as it is.
    --config:/*/*) return 0 ;;
  esac
  if system_folder "$2"; then die 2 "$1 $2 is a folder of the system itself; give $title one of its own."; fi
}

find_root() {
  one_line "The home folder" "$home"
  one_line "The home folder" "$caller_home"
  me=$(id -u)
  if [ -n "$root_option" ]; then
    absolute --install-root "$root_option"
    root=$absolute
  elif [ "$me" = 0 ]; then
    root=$usual_root
  elif [ "$kind_has_services" = no ] || [ "$services_wanted" = no ] || [ -e "$usual_root_of_user/install-record" ]; then
    root=$usual_root_of_user
  else
    root=$usual_root
  fi
  own_place --install-root "$root"
  record=$root/install-record
  current=$root/current
  backups=$root/backups
  transition=$root/transition
  stage=$root/.greenlight-stage
  load_record
}

# place OPTION GIVEN RECORDED USUAL: the answer is in $chosen
place() {
  chosen=${3:-$4}
  [ -n "$2" ] || return 0
  absolute "$1" "$2"
  [ -z "$3" ] || [ "$3" = "$absolute" ] || die 5 "$title is installed with $1 $3, not $absolute; uninstall it first to have it elsewhere, or leave the option out."
  chosen=$absolute
}

# Sets state, config_file, config_folder and whether there are services, for everything but the choice of a command folder.
find_places() {
  recorded state_root
  place --state-root "$state_option" "$found" "$usual_state"
  state=$chosen
  config_file=
  config_folder=$usual_config_folder
  if [ -n "$usual_config_file" ]; then
    recorded config_path
    place --config "$config_option" "$found" "$usual_config_file"
    config_file=$chosen
    config_folder=${config_file%/*}
  elif [ -n "$config_option" ]; then
    die 2 "$title has no configuration file that --config could be about."
  fi
  recorded with_services
  recorded_service=$found
  has_services=$kind_has_services
  if [ "$services_wanted" = no ] || [ "$recorded_service" = no ]; then has_services=no; fi
  [ "$recorded_service" != yes ] || [ "$services_wanted" = yes ] || die 5 "$title is installed with its services; uninstall it first to have it without."
}

check_places() {
  own_place --state-root "$state"
  own_place --config "$config_folder"
  for outside in "$state" "$config_folder"; do
    if inside "$outside" "$root" || inside "$root" "$outside"; then
      die 2 "$outside and $root lie one in the other; state and configuration must survive what happens to $root."
    fi
  done
}
