# STATE HOME FOLDER…: a picture of all that an installation consists of, one line each. Of all but the state it holds every file's
# content, as a digest; and of all the time of the last change, which nothing can set back. Of the state's databases it holds only that
# they are there: a running service writes to them by itself, and what it keeps beside one comes and goes.
set -u
state=$1 home=$2
shift 2
find "$@" -type f -exec sha256sum {} + >seen || exit
{
  find "$@" "$state" -path "$state/*.sqlite3-*" \
    -o -path "$state/*.sqlite3" -printf '%p %m %U:%G\n' \
    -o -type d -printf '%p %m %U:%G\n' \
    -o -printf '%p %m %U:%G %s %C@ %l\n'
  # Files of root's shells, in which an installer has a block; an uninstall takes it out.
  find "$home" -maxdepth 1 \( -name .profile -o -name .bash_profile -o -name .bash_login -o -name .bashrc \
    -o -name .zprofile -o -name .zshrc \) -printf '%p %m %U:%G %s %C@ %l\n' -exec sha256sum {} \;
} >>seen
LC_ALL=C sort -u seen
