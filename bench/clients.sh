#!/bin/bash
# What other people's generators say of openapi/openapi-3.0.json. docs/measurements/clients.md has the
# answers of the last run, and what each generator is.
#
#   bench/clients.sh FOLDER
#
# It needs Java 11 or later, Python with pip, and unzip. It writes a client for each generator to
# FOLDER, and prints each warning that the least document does not get. It fails when a generator
# fails or a client does not compile. Java is compiled where Debian's libhttpmime-java and
# libgeronimo-annotation-1.3-spec-java are, TypeScript where the packages of frontend/ are.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
document=$root/openapi/openapi-3.0.json

# The jar is in a wheel.
python3 -m pip download --no-input --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary=:all: --dest "$folder" --requirement /dev/stdin <<'LIST'
openapi-generator-cli==7.26.0 \
    --hash=sha256:e6305fbbf91aa41b3b7fcd8bf2124880ab0bb9e32efad95b3dfe71f9313d856c
LIST
unzip -qo "$folder"/openapi_generator_cli-7.26.0-py3-none-any.whl -d "$folder/wheel"
jar=$folder/wheel/openapi_generator_cli/openapi-generator.jar

# A small document with nothing to mend. What is said of it is the generator's own affair.
cat > "$folder/least.json" <<'JSON'
{"openapi": "3.0.3", "info": {"title": "Least", "version": "1"},
 "paths": {"/a": {"post": {"operationId": "a",
   "requestBody": {"required": true, "content": {"application/json": {
     "schema": {"$ref": "#/components/schemas/Some"}}}},
   "responses": {"204": {"description": "Done."}}}}},
 "components": {"schemas": {
   "Any": {"type": "object", "additionalProperties": true},
   "Some": {"type": "object", "properties": {
     "a": {"type": "string"}, "b": {"$ref": "#/components/schemas/Any"}}}}}}
JSON

# generate GENERATOR DOCUMENT WHERE OPTION...: prints its warnings.
generate() {
    local generator=$1 input=$2 output=$3
    shift 3
    rm -rf "$output"
    if ! java -jar "$jar" generate -g "$generator" -i "$input" -o "$output" \
        --global-property skipFormModel=false "$@" > "$output.log" 2>&1; then
        echo "$generator failed: $output.log" >&2
        return 1
    fi
    grep -E '\b(WARN|ERROR)\b' "$output.log" | sort -u || true
}

# check GENERATOR OPTION...: the warnings that are about our document.
check() {
    local generator=$1
    shift
    generate "$generator" "$folder/least.json" "$folder/least-$generator" > "$folder/least.txt"
    generate "$generator" "$document" "$folder/$generator" "$@" > "$folder/ours.txt"
    echo "$generator: $(wc -l < "$folder/ours.txt") warnings, of which about the document:" \
        "$(comm -13 "$folder/least.txt" "$folder/ours.txt" | wc -l)"
    comm -13 "$folder/least.txt" "$folder/ours.txt"
}

# Apps hold no API key, so theirs need not know what services call.
apps='FILTER=tag:sign-in|liveness|capture|account|tokens|oidc|operations'
check kotlin
check swift6
check dart --openapi-normalizer "$apps"
check python
check java --library native --additional-properties openApiNullable=false
check typescript-fetch

libraries=/usr/share/java
if command -v javac > /dev/null && [ -f $libraries/httpmime.jar ]; then
    find "$folder/java/src/main" -name '*.java' > "$folder/java-sources"
    # Jackson is in the generator's own jar.
    path=$jar
    for library in httpmime httpclient httpcore geronimo-annotation-1.3-spec; do
        path=$path:$libraries/$library.jar
    done
    rm -rf "$folder/java-classes"
    javac -nowarn -d "$folder/java-classes" -cp "$path" "@$folder/java-sources"
    echo "java: $(find "$folder/java-classes" -name '*.class' | wc -l) classes compiled"
fi

compiler=$root/frontend/node_modules/.bin/tsc
if [ -x "$compiler" ]; then
    echo '{"compilerOptions": {"strict": true, "target": "ES2022", "module": "ES2022",
        "moduleResolution": "bundler", "lib": ["ES2022", "DOM"], "noEmit": true, "types": []}}' \
        > "$folder/typescript-fetch/tsconfig.json"
    "$compiler" --project "$folder/typescript-fetch"
    echo "typescript-fetch: compiled"
fi
