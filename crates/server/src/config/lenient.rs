//! Values as the environment spells them.
//!
//! A variable has no type: `1e-4` comes as a text where a number is wanted, `2024` as a number
//! where a name is, and one address without brackets where a list is.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Spelled {
    Flag(bool),
    Unsigned(u64),
    Signed(i64),
    Number(f64),
    Text(String),
}

impl Spelled {
    fn text(self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Unsigned(number) => number.to_string(),
            Self::Signed(number) => number.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum SpelledList {
    Many(Vec<String>),
    One(String),
}

/// A number, `1e-4` too.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = Spelled::deserialize(deserializer)?.text();
    text.trim().parse().map_err(|_| D::Error::custom(format!("`{text}` is no number")))
}

/// A text, `2024` too.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Spelled::deserialize(deserializer).map(Spelled::text)
}

/// A text or nothing.
pub fn optional_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Option::<Spelled>::deserialize(deserializer).map(|spelled| spelled.map(Spelled::text))
}

/// A list, or texts with commas between them. Nothing that is listed here has a comma in it.
pub fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(match SpelledList::deserialize(deserializer)? {
        SpelledList::Many(texts) => texts,
        SpelledList::One(text) => {
            text.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect()
        }
    })
}
