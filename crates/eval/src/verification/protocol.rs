//! Which pictures are compared with which.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

/// File name endings of pictures.
const PICTURES: [&str; 4] = ["jpg", "jpeg", "png", "webp"];

/// A picture and the person on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Where it is.
    pub path: PathBuf,
    /// Its name in reports: the path below the folder of pictures.
    pub name: String,
    /// Number of the person, when the protocol knows: comparisons of one person depend on each
    /// other.
    pub identity: usize,
}

/// Two pictures that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Number of a sample.
    pub left: usize,
    /// Number of another sample.
    pub right: usize,
    /// Whether both are of one person.
    pub mated: bool,
    /// Fold of the protocol, from 0.
    pub fold: usize,
}

/// What is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparisons {
    /// These.
    Listed(Vec<Comparison>),
    /// Every picture with every other.
    All,
}

/// Pictures and what becomes of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    /// The pictures, each once.
    pub samples: Vec<Sample>,
    /// The names of the people, by number.
    pub identities: Vec<String>,
    /// What is compared.
    pub comparisons: Comparisons,
    /// Folds of the listed comparisons; 1 when there are none.
    pub folds: usize,
}

/// Numbers samples and identities as they come up.
#[derive(Default)]
struct Numbers {
    samples: Vec<Sample>,
    by_name: BTreeMap<String, usize>,
    identities: Vec<String>,
    by_identity: BTreeMap<String, usize>,
}

impl Numbers {
    fn identity(&mut self, name: &str) -> usize {
        *self.by_identity.entry(name.to_owned()).or_insert_with(|| {
            self.identities.push(name.to_owned());
            self.identities.len() - 1
        })
    }

    fn sample(&mut self, dir: &Path, name: String, identity: &str) -> usize {
        if let Some(number) = self.by_name.get(&name) {
            return *number;
        }
        let identity = self.identity(identity);
        self.by_name.insert(name.clone(), self.samples.len());
        self.samples.push(Sample { path: dir.join(&name), name, identity });
        self.samples.len() - 1
    }
}

impl Protocol {
    /// Reads the pairs of `file`, of pictures below `dir`: LFW's `pairs.txt`, or lines of
    /// `left,right,mated` with paths below `dir` and `1` or `0`.
    ///
    /// # Errors
    /// When the file cannot be read or a line has neither form; the error names the line.
    pub fn pairs(dir: &Path, file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let read = if text.lines().next().is_some_and(|line| line.contains(',')) {
            csv(dir, &text)
        } else {
            lfw(dir, &text)
        };
        read.with_context(|| file.display().to_string())
    }

    /// Every picture below `dir`, one folder a person, each compared with every other.
    ///
    /// # Errors
    /// When a folder cannot be read or there are fewer than two people.
    pub fn all(dir: &Path) -> anyhow::Result<Self> {
        let mut numbers = Numbers::default();
        for identity in entries(dir)?.into_iter().filter(|path| path.is_dir()) {
            let who = file_name(&identity);
            for picture in entries(&identity)?.into_iter().filter(|path| is_picture(path)) {
                let name = format!("{who}/{}", file_name(&picture));
                numbers.sample(dir, name, &who);
            }
        }
        ensure!(numbers.identities.len() > 1, "{} has no folders of two people", dir.display());
        Ok(Self {
            samples: numbers.samples,
            identities: numbers.identities,
            comparisons: Comparisons::All,
            folds: 1,
        })
    }
}

impl Protocol {
    /// The part of it in which only the samples that are `inside` occur.
    #[must_use]
    pub fn within(&self, inside: &dyn Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..self.samples.len()).filter(|n| inside(*n)).collect();
        let number = |sample: usize| kept.binary_search(&sample).ok();
        let comparisons = match &self.comparisons {
            Comparisons::All => Comparisons::All,
            Comparisons::Listed(listed) => Comparisons::Listed(
                listed
                    .iter()
                    .filter_map(|one| {
                        let (left, right) = (number(one.left)?, number(one.right)?);
                        Some(Comparison { left, right, ..*one })
                    })
                    .collect(),
            ),
        };
        Self {
            samples: kept.iter().map(|sample| self.samples[*sample].clone()).collect(),
            identities: self.identities.clone(),
            comparisons,
            folds: self.folds,
        }
    }
}

fn entries(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let read = dir.read_dir().with_context(|| format!("cannot read {}", dir.display()))?;
    let mut paths = read.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_picture(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    PICTURES.contains(&ending.to_ascii_lowercase().as_str())
}

/// LFW's own format (Huang et al., "Labeled Faces in the Wild", 2007): a line with folds and pairs of
/// each kind in a fold, then for each fold the mated pairs (name, number, number) and the
/// non-mated ones (name, number, name, number).
fn lfw(dir: &Path, text: &str) -> anyhow::Result<Protocol> {
    let mut lines = text.lines().enumerate();
    let head: Vec<usize> = lines
        .next()
        .map(|(_, line)| line.split_whitespace().map(str::parse).collect())
        .transpose()
        .context("line 1: write folds and pairs, as `10 300`")?
        .unwrap_or_default();
    let (folds, each) = match head.as_slice() {
        [pairs] => (1, *pairs),
        [folds, pairs] => (*folds, *pairs),
        _ => bail!("line 1: write folds and pairs, as `10 300`"),
    };
    ensure!(folds > 0 && each > 0, "line 1: there is nothing to compare");
    let mut numbers = Numbers::default();
    let mut comparisons = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let at = || format!("line {}", number + 1);
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut sample = |who: &str, picture: &str| {
            let picture: u32 = picture.parse().with_context(at)?;
            anyhow::Ok(numbers.sample(dir, format!("{who}/{who}_{picture:04}.jpg"), who))
        };
        let (left, right, mated) = match words.as_slice() {
            [who, left, right] => (sample(who, left)?, sample(who, right)?, true),
            [who, left, other, right] => (sample(who, left)?, sample(other, right)?, false),
            _ => bail!("{}: write three or four words", at()),
        };
        comparisons.push(Comparison { left, right, mated, fold: comparisons.len() / (2 * each) });
    }
    let fits = comparisons.len() == 2 * folds * each;
    ensure!(fits, "{} pairs where line 1 says {}", comparisons.len(), 2 * folds * each);
    Ok(Protocol {
        samples: numbers.samples,
        identities: numbers.identities,
        comparisons: Comparisons::Listed(comparisons),
        folds,
    })
}

/// `left,right,mated`; a person is the folder of a picture, or the picture itself without one.
fn csv(dir: &Path, text: &str) -> anyhow::Result<Protocol> {
    let mut numbers = Numbers::default();
    let mut comparisons = Vec::new();
    let told = |(number, line): &(usize, &str)| {
        let head = *number == 0 && line.trim().eq_ignore_ascii_case("left,right,mated");
        !head && !line.trim().is_empty()
    };
    for (number, line) in text.lines().enumerate().filter(told) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let [left, right, mated] = fields.as_slice() else {
            bail!("line {}: write left,right,mated", number + 1)
        };
        let mated = match *mated {
            "1" | "true" | "mated" => true,
            "0" | "false" | "non-mated" => false,
            other => bail!("line {}: `{other}` is neither 1 nor 0", number + 1),
        };
        let mut sample = |name: &str| {
            let who = name.rsplit_once('/').map_or(name, |(folder, _)| folder).to_owned();
            numbers.sample(dir, name.to_owned(), &who)
        };
        let (left, right) = (sample(left), sample(right));
        comparisons.push(Comparison { left, right, mated, fold: 0 });
    }
    ensure!(!comparisons.is_empty(), "there is nothing to compare");
    Ok(Protocol {
        samples: numbers.samples,
        identities: numbers.identities,
        comparisons: Comparisons::Listed(comparisons),
        folds: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(protocol: &Protocol) -> &[Comparison] {
        match &protocol.comparisons {
            Comparisons::Listed(comparisons) => comparisons,
            Comparisons::All => panic!("listed"),
        }
    }

    #[test]
    fn lfw_pairs_have_folds_and_share_pictures() {
        let text = "2\t1\nada\t1\t2\nada\t1\tbob\t3\nbob\t3\t4\nbob\t4\tada\t2\n";
        let protocol = lfw(Path::new("/d"), text).unwrap();
        assert_eq!(protocol.folds, 2);
        assert_eq!(protocol.identities, ["ada", "bob"]);
        let names: Vec<&str> = protocol.samples.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(
            names,
            ["ada/ada_0001.jpg", "ada/ada_0002.jpg", "bob/bob_0003.jpg", "bob/bob_0004.jpg"]
        );
        let folds: Vec<_> = listed(&protocol).iter().map(|c| (c.mated, c.fold)).collect();
        assert_eq!(folds, [(true, 0), (false, 0), (true, 1), (false, 1)]);
    }

    #[test]
    fn a_wrong_line_is_named() {
        for (text, named) in [
            ("", "line 1"),
            ("1 1\nada 1 2\nada 1 bob x\n", "line 3"),
            ("1 1\nada 1 2\nada one\n", "line 3"),
            ("1 2\nada 1 2\nada 1 bob 1\n", "line 1 says 4"),
        ] {
            let error = format!("{:#}", lfw(Path::new("/d"), text).unwrap_err());
            assert!(error.contains(named), "{text:?}: {error}");
        }
        let error = csv(Path::new("/d"), "a/1.jpg,b/1.jpg,0\nx,y\n").unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn a_csv_may_have_a_head_and_knows_people_by_their_folders() {
        let text =
            "left,right,mated\na/1.jpg,a/2.jpg,1\na/1.jpg,b/1.jpg,0\nc.jpg,d.jpg,non-mated\n";
        let protocol = csv(Path::new("/d"), text).unwrap();
        assert_eq!(protocol.identities, ["a", "b", "c.jpg", "d.jpg"]);
        let mated: Vec<bool> = listed(&protocol).iter().map(|c| c.mated).collect();
        assert_eq!(mated, [true, false, false]);
    }
}
