# Sourced by the other scripts here. Finds JDKs: own_jdk is the build's own (17 or later); newer_jdk is the newest of at least 21 that is newer, or empty.
release() {
    sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

own_jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
newer_jdk=
for candidate in ${JAVA_HOME_21_X64:-} ${JAVA_HOME_25_X64:-} /usr/lib/jvm/*; do
    [ -x "$candidate/bin/javac" ] && [ -f "$candidate/release" ] || continue
    found=$(release "$candidate")
    [ "${found:-0}" -ge 21 ] && [ "$found" -gt "$(release "$own_jdk")" ] || continue
    [ -n "$newer_jdk" ] && [ "$found" -le "$(release "$newer_jdk")" ] || newer_jdk=$candidate
done

# Copies the sources as they are (committed or not, without what git ignores) into a folder.
copy_sources() {
    { git ls-files -z; git ls-files -zo --exclude-standard; } | sort -zu \
        | while IFS= read -r -d '' file; do if [ -e "$file" ]; then printf '%s\0' "$file"; fi; done | tar --null -T - -c | tar -x -C "$1"
}
