# Prints what a machine has on it, one thing a line: files, accounts, units, sockets, programs and the environment of this shell.
# What of it counts is decided on the host (footprint-inventory.ts).
set -u
# Each place is a mount of its own, or may be: none is entered from the one above it, so that the kernel's own file systems are not.
# Owners are numbers: find reads the file of accounts anew for each name that it prints, and there are thousands of files.
# A file of the machine may go while find looks.
find / /run /run/lock /dev/shm -xdev -path "${greenlight:?}" -prune \
  -o -type l -printf 'file l %m %U:%G - %p -> %l\n' \
  -o -type f -printf 'file f %m %U:%G %s %p\n' \
  -o -printf 'file %y %m %U:%G - %p\n' 2>/dev/null
sed 's/^/account /' /etc/passwd
sed 's/^/group /' /etc/group
systemctl list-units --plain --no-legend --type=service,timer,socket,path,mount,automount | sed 's/^/unit /'
ss -Hlntupw | sed 's/^/socket /'
readlink /proc/[0-9]*/exe | sed 's/^/program /'
env | sed 's/^/environment /'
