# shellcheck shell=bash
# Sourced by ./quickstart and ./check: which Debian packages there must be, and how they are installed
# without any of the servers among them ever being started or enabled by it.
#
#   need_packages "${build_packages[@]}" "${lab_packages[@]}"

export build_packages=(build-essential cmake ninja-build pkg-config libc-ares-dev libldns-dev libcurl4-openssl-dev
    libssl-dev libsqlite3-dev libjansson-dev libexpat1-dev libyaml-dev zlib1g-dev libcmocka-dev)
export lab_packages=(python3 openssl knot knot-dnsutils nsd unbound bind9 bind9-utils dovecot-imapd postfix)
export check_packages=(git isync zonemaster-cli dnsviz python3-pygraphviz dnsperf clang clang-tidy clang-format cppcheck mold shellcheck file man-db
    lexicon pdns-server pdns-backend-sqlite3)
# npm is for the real mail only (tests/lab/corpus); whoever has it, by whatever way, keeps theirs.
command -v npm >/dev/null || check_packages+=(npm)

readonly policy=/usr/sbin/policy-rc.d
readonly set_aside=$policy.before-cutover

# Runs a command as root; asks sudo only where that is needed.
as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "this needs root: $*" >&2
        echo "hint: run it as root, or install sudo" >&2
        return 1
    fi
}

# The sanitizers' and fuzzers' libraries, a recommendation of clang's: the package carries its version.
clang_runtime() {
    dpkg-query -W -f '${Depends}' clang 2>/dev/null | sed -n 's/^.*\(clang\)\(-[0-9]*\) .*$/lib\1-rt\2-dev/p'
}

missing_packages() {
    local name state
    for name in "$@"; do
        [[ -n $name ]] || continue
        state=$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)
        [[ $state == installed ]] || echo "$name"
    done
}

need_packages() {
    command -v dpkg-query >/dev/null || {
        echo "this is neither Debian nor Ubuntu: please see to these yourself: $*" >&2
        return 0
    }
    if grep -qs 'temporary, by cutover' "$policy"; then
        allow_services # an installation before this one was killed
    fi
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [[ ${#missing[@]} -eq 0 ]] && return 0
    echo "To be installed with apt: ${missing[*]}"
    echo "None of the servers among them is started or enabled; the lab runs its own on loopback."
    install_quietly "${missing[@]}"
}

# In a subshell, so that the trap that opens the gate for services again is ours alone.
install_quietly() (
    set -euo pipefail
    trap allow_services EXIT
    forbid_services
    if printf '%s\n' "$@" | grep -qx postfix; then
        echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
    fi
    as_root apt-get update -qq || echo "apt-get update failed; trying with the lists that are there" >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    disable_services "$@"
)

# policy-rc.d is Debian's way to say that no service may be started (invoke-rc.d(8)).
forbid_services() {
    if [[ -e $policy && ! -e $set_aside ]]; then
        as_root mv "$policy" "$set_aside"
    fi
    printf '#!/bin/sh\n# temporary, by cutover\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
}

allow_services() {
    as_root rm -f "$policy"
    if [[ -e $set_aside ]]; then
        as_root mv "$set_aside" "$policy"
    fi
}

# The packages enable their services for the next boot; those that we brought shall not start then.
disable_services() {
    local name disable=(systemctl --quiet disable)
    command -v systemctl >/dev/null || disable=(deb-systemd-helper disable) # a systemd may come later
    for name in knot nsd unbound bind9 dovecot-imapd postfix pdns-server; do
        if printf '%s\n' "$@" | grep -qx "$name"; then
            name=${name%-imapd} name=${name%-server} # the services are dovecot and pdns
            as_root "${disable[@]}" "${name/#bind9/named}.service" 2>/dev/null || true
        fi
    done
}
