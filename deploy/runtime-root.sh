#!/bin/sh
# Builds what the last stage of the Dockerfile builds, without a container engine, and runs the
# service in it: as an unprivileged user, without capabilities, on a root that cannot be written.
#
#   deploy/runtime-root.sh build ROOT BIN           BIN has `faceauth` and `faceauth-clip`
#   deploy/runtime-root.sh report ROOT              sizes, and the libraries that each file needs
#   deploy/runtime-root.sh run ROOT COMMAND...      such as `faceauth serve`
#
# All three need root; `build` needs debootstrap and Debian's mirrors as well. `./dev setup` has
# fetched the runtime library and the weights. The page is copied when `frontend/dist` exists. `run`
# shows the folder in the variable KEYS as /run/secrets/faceauth.
set -eu
task=$1
root=$2
shift 2
source=$(cd -- "$(dirname -- "$0")/.." && pwd)
local=usr/local
share=$local/share/faceauth

# The packages that the last stage of the Dockerfile names after an option.
packages() {
    awk '/^FROM /{stage = ""} {stage = stage " " $0} END{print stage}' "$source/Dockerfile" |
        sed "s/.*$1//; s/&&.*//; s/\\\\//g"
}

build() {
    bin=$1
    [ ! -e "$root" ] || { echo "$root exists" >&2; exit 1; }
    log=$root.log
    debootstrap --variant=minbase bookworm "$root" > "$log" 2>&1
    # shellcheck disable=SC2046 # word by word
    chroot "$root" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends $(packages --no-install-recommends) \
        >> "$log" 2>&1
    # shellcheck disable=SC2046 # word by word
    chroot "$root" dpkg --purge --force-depends $(packages --force-depends) >> "$log" 2>&1
    rm -rf "$root/var/lib/apt/lists" "$root/var/cache/apt"
    mkdir -p "$root/$share/models" "$root/run/secrets/faceauth"
    install -m 755 "$bin/faceauth" "$bin/faceauth-clip" "$root/$local/bin/"
    cp "$source"/.dev/onnxruntime/libonnxruntime.so.* "$root/$local/lib/libonnxruntime.so"
    cp "$source/models/manifest.toml" "$root/$share/models/"
    cp -r "$source/models/weights" "$root/$share/models/weights"
    cp "$source/LICENSE" "$root/$share/"
    [ ! -d "$source/frontend/dist" ] || cp -r "$source/frontend/dist" "$root/$share/page"
}

# Runs a command in ROOT. The mounts are seen by this command alone.
run() {
    export ORT_DYLIB_PATH=/$local/lib/libonnxruntime.so
    export FACEAUTH__MODELS__MANIFEST=/$share/models/manifest.toml
    export FACEAUTH__MODELS__WEIGHTS_DIR=/$share/models/weights
    # shellcheck disable=SC2016 # for the inner shell
    exec unshare --mount sh -euc '
        root=$1
        shift
        mount --bind "$root" "$root"
        mount -t proc proc "$root/proc"
        mount --bind /dev/null "$root/dev/null"
        [ -z "${KEYS-}" ] || mount --bind -o ro "$KEYS" "$root/run/secrets/faceauth"
        mount --bind -o remount,ro "$root"
        exec chroot "$root" setpriv --reuid 10001 --regid 10001 --clear-groups \
            --bounding-set -all --inh-caps -all --no-new-privs "$@"
    ' run "$root" "$@"
}

report() {
    echo "everything: $(du -sm "$root" | cut -f1) MB, of which:"
    du -sk "$root/$local/bin/"* "$root/$local/lib/libonnxruntime.so" "$root/$share/"* |
        sort -rn | awk -v root="$root" '{sub(root, "", $2); printf "%8.1f MB  %s\n", $1 / 1024, $2}'
    for file in bin/faceauth bin/faceauth-clip lib/libonnxruntime.so; do
        libraries=$(chroot "$root" ldd "/$local/$file")
        if echo "$libraries" | grep "not found"; then exit 1; fi
        echo "$libraries" | awk '$2 == "=>" {print $3}' | sort > "$root.$$"
        size=$(sed "s|^|$root|" "$root.$$" | xargs -r du -cLk | tail -1 | cut -f1)
        echo "/$local/$file needs $(wc -l < "$root.$$") libraries, $((size / 1024)) MB:"
        sed 's|.*/|    |' "$root.$$"
        rm "$root.$$"
    done
}

"$task" "$@"
