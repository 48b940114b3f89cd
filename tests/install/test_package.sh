#!/bin/sh
# The Debian package in a clean Debian: test_package.sh BUILD PROJECT
#
# cpack makes it, lintian finds no error in it, and mmdebstrap makes a root folder of essential packages
# and of those that this one depends on and recommends. There it is installed, an ordinary user in a folder
# with blanks does what the manual shows, and after its removal no file of it is left.
#
# Ends with 77 and the reason where that cannot be done.
set -eu

# Called again by mmdebstrap: test_package.sh --inside ROOT WORK
if [ "$1" = --inside ]; then
    root=$2
    work=$3
    files() {
        (cd "$root" && find bin etc home lib opt sbin srv usr var -path var/lib/dpkg -prune -o -path var/log -prune \
            -o -path var/cache -prune -o -print | sort)
    }
    files >"$work/before"
    : >"$work/begun"
    cp "$work"/*.deb "$root/tmp/mlpsweep.deb"
    chroot "$root" dpkg -i /tmp/mlpsweep.deb
    if chroot "$root" ldd /usr/bin/mlpsweep | grep 'not found'; then
        exit 1
    fi
    mkdir -p "$root/tmp/mirror/mnist" "$root/tmp/user/my experiments"
    cp "$work"/mnist/* "$root/tmp/mirror/mnist"
    chown -R 1000:1000 "$root/tmp/user"
    cat >"$root/tmp/user/session" <<'SESSION'
set -e
cd "$HOME/my experiments"
gzip -dc /usr/share/man/man1/mlpsweep.1.gz | sed -n '/^\.EX/,/^\.EE/p' | sed '/^\.E[XE]/d; s/\\-/-/g' >../example
[ "$(wc -l <../example)" -ge 5 ]
cat ../example
sh -e ../example
mlpsweep report notebook
mlpsweep run /usr/share/mlpsweep/experiments/notebook.yaml 2>&1 | grep '^0 trained, 1 skipped'
mlpsweep --version
for file in results/mlpsweep.db plots/notebook/curves.png plots/notebook/waste.svg plots/notebook/index.html; do
    [ -s "$file" ] || { echo "no $file"; exit 1; }
done
SESSION
    chroot --userspec=1000:1000 "$root" env -i HOME=/tmp/user PATH=/usr/bin:/bin \
        MLPSWEEP_MIRROR=file:///tmp/mirror sh /tmp/user/session
    chroot "$root" dpkg -r mlpsweep
    chroot "$root" dpkg -P mlpsweep 2>&1
    if chroot "$root" dpkg-query -W mlpsweep 2>/dev/null; then
        echo "FAILED: dpkg still knows mlpsweep"
        exit 1
    fi
    files >"$work/after"
    diff "$work/before" "$work/after" || { echo "FAILED: files are left"; exit 1; }
    exit 0
fi

build=$1
project=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() {
    echo "SKIPPED: $*"
    exit 77
}

for tool in mmdebstrap lintian dpkg-deb; do
    command -v $tool >/dev/null || skip "no $tool (scripts/deps test)"
done
[ "$(id -u)" = 0 ] || skip "not root, who alone can make a root folder"
unshare --mount true 2>/dev/null || skip "nothing can be mounted here"
suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
[ -n "$suite" ] && [ "$(. /etc/os-release && echo "$ID")" = debian ] || skip "this is not Debian"
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" | head -n 1)
mirror=${mirror:-http://deb.debian.org/debian}
mirror=${mirror%/}
eval "$(apt-config shell proxy Acquire::http::Proxy)"
curl --silent --fail --head --max-time 20 ${proxy:+--proxy "$proxy"} --output "$work/head" "$mirror/dists/$suite/InRelease" ||
    skip "$mirror does not answer"

(cd "$work" && cpack --config "$build/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1) || {
    cat "$work/log"
    exit 1
}
lintian --allow-root --fail-on error --suppress-tags initial-upload-closes-no-bugs "$work"/*.deb

cp -r "$project/data/mnist/" "$work/mnist"
needed=$(dpkg-deb -f "$work"/*.deb Depends Recommends | sed 's/^[A-Za-z]*: //' | tr , '\n' |
    sed 's/|.*//; s/(.*)//; s/ //g' | paste -s -d ,)
echo "needs $needed"
status=0
mmdebstrap --quiet --variant=essential --format=null --dpkgopt=force-unsafe-io \
    ${proxy:+--aptopt="Acquire::http::Proxy \"$proxy\""} --include="$needed" \
    --customize-hook="'$0' --inside \"\$1\" '$work'" "$suite" /dev/null "$mirror" >"$work/out" 2>&1 || status=1
cat "$work/out"
[ "$status" = 0 ] || [ -e "$work/begun" ] || ! grep -q -E 'apt-get update .*failed|(Failed|Unable) to fetch' "$work/out" ||
    skip "$mirror does not give all packages"
[ "$status" = 0 ] && [ -e "$work/begun" ]
