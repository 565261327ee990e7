//! Fetching with a script in the clients' place.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::files::tests::TestFolder;

const CONTENT: &[u8] = b"the package";

fn package(file: &str) -> Package {
    Package {
        registry: Registry::Npm,
        name: "thing".into(),
        version: "1.0.0".into(),
        file: file.into(),
        size: CONTENT.len() as u64,
        sha256: files::sha256(CONTENT),
        wheel: None,
    }
}

/// A client that counts its calls in `calls` and then runs `body`, with `$out` the
/// folder to write to.
fn client(folder: &Path, body: &str) -> Clients {
    let path = folder.join("client");
    let script = format!(
        "#!/bin/sh\necho call >> {}/calls\n\
         while [ $# -gt 0 ]; do [ \"$1\" = --pack-destination ] && out=$2; shift; done\n{body}\n",
        folder.display()
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    let words = vec![path.to_str().unwrap().to_owned()];
    Clients { pip: words.clone(), npm: words }
}

fn calls(folder: &Path) -> usize {
    fs::read_to_string(folder.join("calls")).unwrap_or_default().lines().count()
}

#[test]
fn a_fetched_package_is_never_fetched_again() {
    let folder = TestFolder::new("fetch-once");
    let cache = folder.0.join("cache");
    let clients = client(&folder.0, "printf 'the package' > $out/a.tgz");
    let wanted = package("a.tgz");
    fetch_all(&clients, &cache, vec![&wanted]).unwrap();
    assert!(is_cached(&cache, &wanted));
    fetch_all(&clients, &cache, vec![&wanted]).unwrap();
    assert_eq!(calls(&folder.0), 1);
    assert_eq!(fs::read(cached(&cache, &wanted)).unwrap(), CONTENT);
    assert!(!cache.join("staging/a.tgz").exists());
}

#[test]
fn a_wrong_hash_is_refused_named_and_removed() {
    let folder = TestFolder::new("fetch-hash");
    let cache = folder.0.join("cache");
    let clients = client(&folder.0, "printf 'THE PACKAGE' > $out/a.tgz");
    let wanted = package("a.tgz");
    let error = fetch_all(&clients, &cache, vec![&wanted]).unwrap_err().to_string();
    for part in ["a.tgz", &wanted.sha256, &files::sha256(b"THE PACKAGE")] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!is_cached(&cache, &wanted));
    assert!(!cache.join("staging/a.tgz").exists());
    assert_eq!(calls(&folder.0), 1, "a wrong file is not fetched again and again");
}

#[test]
fn a_failed_client_is_tried_again() {
    let folder = TestFolder::new("fetch-retry");
    let cache = folder.0.join("cache");
    let body = format!(
        "[ $(wc -l < {}/calls) -lt 2 ] && exit 1\nprintf 'the package' > $out/a.tgz",
        folder.0.display()
    );
    let wanted = package("a.tgz");
    fetch_all(&client(&folder.0, &body), &cache, vec![&wanted]).unwrap();
    assert_eq!(calls(&folder.0), 2);
}

#[test]
fn what_a_killed_run_left_behind_does_not_matter() {
    let folder = TestFolder::new("fetch-left");
    let cache = folder.0.join("cache");
    let staging = cache.join("staging/b.tgz/out");
    fs::create_dir_all(&staging).unwrap();
    fs::write(staging.join("b.tgz"), "half a pack").unwrap();
    let finished = package("a.tgz");
    fs::write(cached(&cache, &finished), CONTENT).unwrap();
    let clients = client(&folder.0, "printf 'the package' > $out/b.tgz");
    let unfinished = package("b.tgz");
    fetch_all(&clients, &cache, vec![&finished, &unfinished]).unwrap();
    assert_eq!(calls(&folder.0), 1, "the finished one is kept");
    assert!(is_cached(&cache, &unfinished));
}

#[test]
fn a_file_that_rotted_in_the_cache_is_fetched_anew() {
    let folder = TestFolder::new("fetch-rot");
    let cache = folder.0.join("cache");
    let wanted = package("a.tgz");
    fs::create_dir_all(&cache).unwrap();
    fs::write(cached(&cache, &wanted), "the rotten!").unwrap();
    assert!(!is_cached(&cache, &wanted));
    let clients = client(&folder.0, "printf 'the package' > $out/a.tgz");
    fetch_all(&clients, &cache, vec![&wanted]).unwrap();
    assert!(is_cached(&cache, &wanted));
}

#[test]
fn two_clones_fetch_a_package_once() {
    let folder = TestFolder::new("fetch-two");
    let cache = folder.0.join("cache");
    let clients = client(&folder.0, "sleep 0.3; printf 'the package' > $out/a.tgz");
    let wanted = package("a.tgz");
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| fetch_all(&clients, &cache, vec![&wanted]).unwrap());
        }
    });
    assert_eq!(calls(&folder.0), 1);
}
