# Whose home counts: that of whoever installs. What sudo or su hand on to root may be somebody else's, and root's installation is the
# system's: it goes by the list of accounts.
caller_home=${HOME-}
home=${HOME:-/root}
if [ "$(id -u)" = 0 ]; then
  home=$(getent passwd 0 2>/dev/null || grep '^[^:]*:[^:]*:0:' /etc/passwd 2>/dev/null) || home=
  home=${home%%"
"*}
  home=${home%:*}
  home=${home##*:}
  case $home in /*[!/]*) ;; *) home=/root ;; esac
fi
