# Shuts down, two seconds from now: that outlives each session that asks for it, and lets that end. ssh takes no new connections
# meanwhile. Without an accuracy a timer may fire up to a minute late.
systemctl stop ssh.socket ssh.service
systemd-run --quiet --collect --on-active=2 --timer-property=AccuracySec=100ms systemctl reboot
