//! The people in the folder: names, their pictures, and the files that cannot be used.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use faceauth_domain::capture::MAX_CAPTURE_IMAGES;
use faceauth_domain::user::Username;

use super::format::{HEADER_BYTES, Kind, kind, stem};

/// A file or folder that is not used, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LeftOut {
    /// Where it is, from the folder that is imported.
    pub(super) path: PathBuf,
    /// Why, as the end of "it is left out: ".
    pub(super) why: String,
}

/// Somebody whom a file or a folder is named after.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// Pictures by their first bytes, in the order of their names.
    pub(super) pictures: Vec<PathBuf>,
    /// Files that should be pictures of the person and are not used.
    pub(super) left_out: Vec<LeftOut>,
    /// Why nothing is sent of them.
    pub(super) refusal: Option<String>,
}

/// What a folder holds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Everybody, by the name as it is written.
    pub(super) people: BTreeMap<String, Person>,
    /// Files that belong to no person.
    pub(super) passed_over: Vec<LeftOut>,
    /// Files whose name starts with a dot, which file managers make and hide.
    pub(super) hidden: usize,
}

/// What an entry of a folder is.
enum Entry {
    Folder,
    File(Kind),
    Unusable(String),
}

impl Found {
    /// Everybody whom a file of a picture in `dir`, or a folder in it, is named after.
    ///
    /// # Errors
    /// When `dir` cannot be listed or holds no person.
    pub(super) fn of_folder(dir: &Path) -> anyhow::Result<Self> {
        let mut found = Self::default();
        let entries = entries(dir).with_context(|| format!("cannot read {}", dir.display()))?;
        for name in entries {
            let shown = name.to_string_lossy().into_owned();
            if is_hidden(&shown) {
                found.hidden += 1;
                continue;
            }
            match look_at(&dir.join(&name)) {
                Entry::Folder => found.folder(dir, name, shown),
                Entry::File(kind) => {
                    let (stem, named) = stem(&shown);
                    found.file(stem.to_owned(), named, name, kind);
                }
                Entry::Unusable(why) => {
                    let (stem, named) = stem(&shown);
                    found.unusable(stem.to_owned(), named, name, why);
                }
            }
        }
        ensure!(!found.people.is_empty(), "{} holds no pictures", dir.display());
        found.refuse();
        Ok(found)
    }

    /// Everything in the folder `name` is of the person of that name.
    fn folder(&mut self, dir: &Path, name: PathBuf, person: String) {
        self.people.entry(person.clone()).or_default();
        let files = match entries(&dir.join(&name)) {
            Ok(files) => files,
            Err(error) => return self.unusable(person, true, name, error.to_string()),
        };
        for file in files {
            let shown = file.to_string_lossy().into_owned();
            let path = name.join(&file);
            if is_hidden(&shown) {
                self.hidden += 1;
                continue;
            }
            let named = stem(&shown).1;
            match look_at(&dir.join(&path)) {
                Entry::Folder => {
                    let why = "folders inside a person's folder are not looked into".to_owned();
                    self.unusable(person.clone(), true, path, why);
                }
                Entry::File(kind) => self.file(person.clone(), named, path, kind),
                Entry::Unusable(why) => self.unusable(person.clone(), named, path, why),
            }
        }
    }

    /// A file that is `person`'s if it is a picture, or `named` like one.
    fn file(&mut self, person: String, named: bool, path: PathBuf, kind: Kind) {
        match kind {
            Kind::Picture => self.people.entry(person).or_default().pictures.push(path),
            Kind::Unread(why) => self.unusable(person, true, path, why.to_owned()),
            Kind::Other => {
                let why = if named {
                    "not a picture, although its name says so"
                } else {
                    "not a picture"
                };
                self.unusable(person, named, path, why.to_owned());
            }
        }
    }

    /// A file that cannot be used. It belongs to `person`, or to no person when it is not named
    /// like a picture.
    fn unusable(&mut self, person: String, named: bool, path: PathBuf, why: String) {
        let list = if named {
            &mut self.people.entry(person).or_default().left_out
        } else {
            &mut self.passed_over
        };
        list.push(LeftOut { path, why });
    }

    /// Says of whom nothing is sent, and why.
    fn refuse(&mut self) {
        let mut spellings: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in self.people.keys() {
            let key = name.to_ascii_lowercase();
            spellings.entry(key).or_default().push(name.clone());
        }
        for (name, person) in &mut self.people {
            let same = &spellings[&name.to_ascii_lowercase()];
            person.refusal = refusal(name, person.pictures.len(), same);
        }
    }
}

/// Why nothing is sent of the person `name` with so many pictures; `same` are all spellings of the
/// name in the folder.
fn refusal(name: &str, pictures: usize, same: &[String]) -> Option<String> {
    if let Err(error) = Username::parse(name) {
        return Some(error.to_string());
    }
    if same.len() > 1 {
        let all = same.join(", ");
        return Some(format!(
            "letter case does not tell names apart, and the folder has {all}. Rename one if they \
             are different people, else give both the same name"
        ));
    }
    match pictures {
        0 => Some("there is no picture that can be read".to_owned()),
        1..=MAX_CAPTURE_IMAGES => None,
        many => Some(format!("{many} pictures, and {MAX_CAPTURE_IMAGES} are the most")),
    }
}

fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// The names in a folder, sorted.
fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let names = fs::read_dir(dir)?.map(|entry| Ok(PathBuf::from(entry?.file_name())));
    let mut names = names.collect::<io::Result<Vec<PathBuf>>>()?;
    names.sort();
    Ok(names)
}

/// Follows links, and opens only files: reading a pipe would wait.
fn look_at(path: &Path) -> Entry {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => Entry::Folder,
        Ok(metadata) if metadata.is_file() => match header(path) {
            Ok(header) => Entry::File(kind(&header)),
            Err(error) => Entry::Unusable(error.to_string()),
        },
        Ok(_) => Entry::Unusable("neither a file nor a folder".to_owned()),
        Err(error) => Entry::Unusable(error.to_string()),
    }
}

fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    File::open(path)?.take(HEADER_BYTES as u64).read_to_end(&mut header)?;
    Ok(header)
}

#[cfg(test)]
mod tests;
