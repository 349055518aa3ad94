#!/bin/sh
# Starts the Wardian app. Before that it looks whether Chromium's sandbox can work: where it cannot, Electron ends
# before any of the app's own code runs, with words that help nobody. Never switches the sandbox off by itself.
#
# The app's folder is WARDIAN_APP_FOLDER, or lib/wardian beside the folder of this file. SANDBOX_ROOT is for tests: where
# /proc is.
set -eu

app=${WARDIAN_APP_FOLDER:-$(dirname "$(dirname "$(readlink -f "$0")")")/lib/wardian}
system=${SANDBOX_ROOT:-}

say() {
  printf '%s\n' "$@" >&2
  # Started from a menu, nobody sees a terminal.
  if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ ! -t 2 ] && [ -z "$system" ]; then
    if command -v zenity >/dev/null 2>&1; then
      zenity --error --no-markup --title=Wardian --text="$*" || true
    elif command -v kdialog >/dev/null 2>&1; then
      kdialog --title Wardian --error "$*" || true
    elif command -v notify-send >/dev/null 2>&1; then
      notify-send -u critical Wardian "$*" || true
    fi
  fi
}

number() {
  if [ -r "$system/proc/sys/$1" ]; then cat "$system/proc/sys/$1"; else echo "$2"; fi
}

# The helper with the set-user-id bit works wherever it may be used.
has_helper() {
  [ -u "$app/chrome-sandbox" ] && [ "$(stat -c %u "$app/chrome-sandbox")" = "${SANDBOX_OWNER:-0}" ]
}

# Namespaces of users, for programs like this one.
has_namespaces() {
  [ "$(number user/max_user_namespaces 1)" != 0 ] || return 1
  [ "$(number kernel/unprivileged_userns_clone 1)" != 0 ] || return 1
  [ "$(number kernel/apparmor_restrict_unprivileged_userns 0)" = 0 ] && return 0
  # Ubuntu 23.10 and later: only with a profile that allows it to the app in this very folder.
  grep -qF "$app/wardian-desktop" "$system/etc/apparmor.d/wardian-desktop" 2>/dev/null
}

for argument in "$@"; do
  case $argument in
    --no-sandbox) exec "$app/wardian-desktop" "$@" ;;
  esac
done

if [ "${SANDBOX_USER:-$(id -u)}" = 0 ]; then
  say 'Wardian does not run as root: a window that was broken into could do everything.' \
    'Start it as yourself.'
  exit 1
fi

if [ -n "${APPIMAGE:-}" ] && ! has_namespaces; then
  # Its helper cannot have rights: what it is mounted from is a user's file.
  say 'Wardian cannot start: this system keeps programs from making the sandbox that its windows run in.' \
    'Do one of these, as root:' \
    '  1. Install the Debian package or the RPM instead of the AppImage: they bring what the sandbox needs.' \
    '  2. Allow user namespaces, where that is the policy:' \
    '       sysctl -w kernel.apparmor_restrict_unprivileged_userns=0' \
    'Without any of that, `wardian` (the server) opens the same databases in a browser.'
  exit 1
fi

if ! has_helper && ! has_namespaces; then
  say 'Wardian cannot start: this system keeps programs from making the sandbox that its windows run in.' \
    'Do one of these, as root:' \
    "  1. Give the sandbox's helper its rights:" \
    "       chown root:root '$app/chrome-sandbox' && chmod 4755 '$app/chrome-sandbox'" \
    '  2. Install the Debian package or the RPM, which do that.' \
    '  3. Allow user namespaces, where that is the policy:' \
    '       sysctl -w kernel.apparmor_restrict_unprivileged_userns=0' \
    'Without any of that, `wardian` (the server) opens the same databases in a browser.'
  exit 1
fi

exec "$app/wardian-desktop" "$@"
