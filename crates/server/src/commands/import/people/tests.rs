//! Folders as people have them.

use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("faceauth-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes files, with the folders they are in.
    fn with(self, files: &[(&str, &[u8])]) -> Self {
        for (name, bytes) in files {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        self
    }

    fn found(&self) -> Found {
        Found::of_folder(&self.0).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const JPEG: &[u8] = b"\xFF\xD8\xFF\xE0";
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";

fn refusal<'a>(found: &'a Found, name: &str) -> &'a str {
    found.people[name].refusal.as_deref().unwrap_or("")
}

#[test]
fn a_picture_is_told_by_its_bytes_and_a_person_by_the_name() {
    let folder = Folder::new("import-bytes").with(&[
        ("ada.jpg", JPEG),
        ("bob.HEIC", JPEG),
        ("c.d", JPEG),
        ("eve/whatever.bin", JPEG),
        ("eve/2.jfif", JPEG),
    ]);
    let found = folder.found();
    let names: Vec<&str> = found.people.keys().map(String::as_str).collect();
    assert_eq!(names, ["ada", "bob", "c.d", "eve"]);
    assert!(found.people.values().all(|person| person.refusal.is_none()));
    assert_eq!(found.people["eve"].pictures.len(), 2);
}

#[test]
fn what_is_not_read_is_named_and_its_person_refused() {
    let folder = Folder::new("import-unread").with(&[
        ("ada.heic", HEIC),
        ("bob.jpg", HEIC),
        ("cy.gif", b"GIF89a"),
        ("dan.jpg", b""),
        ("eve/1.jpg", JPEG),
        ("eve/2.heic", HEIC),
        ("notes.txt", b"no picture"),
        ("eve/notes.txt", b"no picture"),
    ]);
    let found = folder.found();
    for name in ["ada", "bob", "cy", "dan"] {
        assert!(refusal(&found, name).contains("no picture that can be read"), "{name}");
        assert_eq!(found.people[name].left_out.len(), 1, "{name}");
    }
    for name in ["ada", "bob"] {
        assert!(found.people[name].left_out[0].why.contains("heif-convert"), "{name}");
    }
    // One that can be read is enough; the other is named.
    assert_eq!(found.people["eve"].refusal, None);
    assert_eq!(found.people["eve"].left_out[0].path, Path::new("eve/2.heic"));
    let passed: Vec<&Path> = found.passed_over.iter().map(|left| left.path.as_path()).collect();
    assert_eq!(passed, [Path::new("eve/notes.txt"), Path::new("notes.txt")]);
}

#[test]
fn empty_and_overfull_folders_are_refused_alone() {
    let folder = Folder::new("import-count").with(&[
        ("six/1.jpg", JPEG),
        ("six/2.jpg", JPEG),
        ("six/3.jpg", JPEG),
        ("six/4.jpg", JPEG),
        ("six/5.jpg", JPEG),
        ("ada.jpg", JPEG),
    ]);
    assert_eq!(folder.found().people["six"].refusal, None);
    let folder = folder.with(&[("six/6.jpg", JPEG), ("deep/er/1.jpg", JPEG)]);
    fs::create_dir(folder.0.join("empty")).unwrap();
    let found = folder.found();
    assert_eq!(refusal(&found, "six"), "6 pictures, and 5 are the most");
    assert!(refusal(&found, "empty").contains("no picture"));
    assert!(refusal(&found, "deep").contains("no picture"));
    assert!(found.people["deep"].left_out[0].why.contains("not looked into"));
    assert_eq!(found.people["ada"].refusal, None);
}

#[test]
fn names_outside_the_rule_or_the_same_but_for_case_stop_nobody_else() {
    let long = "x".repeat(129);
    let folder = Folder::new("import-names").with(&[
        ("a.jpg", JPEG),
        ("A.png", JPEG),
        ("b.jpg", JPEG),
        ("b.png", JPEG),
        ("two words.jpg", JPEG),
        ("Zoë/1.jpg", JPEG),
        (&format!("{long}.jpg"), JPEG),
        (".jpg", JPEG),
        ("._b.jpg", JPEG),
    ]);
    let mut odd = folder.0.join(std::ffi::OsStr::from_bytes(b"\xFF"));
    odd.set_extension("jpg");
    fs::write(odd, JPEG).unwrap();
    let found = folder.found();
    for name in ["a", "A"] {
        assert!(refusal(&found, name).contains("has A, a"), "{}", refusal(&found, name));
    }
    for name in ["two words", "Zoë", "\u{FFFD}"] {
        assert!(refusal(&found, name).contains("ASCII"), "{name}");
    }
    assert!(refusal(&found, &long).contains("at most"));
    assert_eq!(found.people["b"].refusal, None);
    assert_eq!(found.people["b"].pictures.len(), 2);
    assert_eq!(found.hidden, 2, "resource forks and nameless files are hidden ones");
}

#[test]
fn what_is_no_file_is_not_opened() {
    let folder = Folder::new("import-special").with(&[("ada/1.jpg", JPEG)]);
    symlink("nowhere", folder.0.join("bob.jpg")).unwrap();
    symlink("ada", folder.0.join("cy")).unwrap();
    for pipe in ["dan.jpg", "ada/2.jpg"] {
        assert!(Command::new("mkfifo").arg(folder.0.join(pipe)).status().unwrap().success());
    }
    let found = folder.found();
    assert!(refusal(&found, "bob").contains("no picture"));
    assert!(refusal(&found, "dan").contains("no picture"));
    assert_eq!(found.people["cy"].pictures, [Path::new("cy/1.jpg")]);
    assert_eq!(found.people["ada"].left_out[0].why, "neither a file nor a folder");
}

#[test]
fn a_folder_without_anybody_is_an_error() {
    let folder = Folder::new("import-nobody").with(&[("notes.txt", b"")]);
    assert!(Found::of_folder(&folder.0).is_err());
    assert!(Found::of_folder(&folder.0.join("missing")).is_err());
}
