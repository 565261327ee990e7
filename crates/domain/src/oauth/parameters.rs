//! The parameters of a request, before anything is read from them.

use std::fmt;

/// Names and values of a query or a form.
///
/// No name stands twice (RFC 6749, 3.1). A name without a value is left out, as if it had not been
/// sent. `Debug` shows names alone: values are secrets and names of people.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

/// A name stands twice. Which of the two counts would depend on who reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a parameter stands twice")]
pub struct Repeated;

impl Parameters {
    /// The parameters in these pairs.
    ///
    /// # Errors
    /// [`Repeated`] when a name stands twice.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, Repeated> {
        let mut seen: Vec<(String, String)> = Vec::new();
        for (name, value) in pairs {
            if seen.iter().any(|(known, _)| *known == name) {
                return Err(Repeated);
            }
            seen.push((name, value));
        }
        seen.retain(|(_, value)| !value.is_empty());
        Ok(Self(seen))
    }

    /// The parameters of a query or a form, as they were sent.
    ///
    /// # Errors
    /// [`Repeated`] when a name stands twice.
    pub fn of_query(query: &str) -> Result<Self, Repeated> {
        Self::new(url::form_urlencoded::parse(query.as_bytes()).into_owned())
    }

    /// The query that [`Self::of_query`] reads.
    #[must_use]
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(self.iter()).finish()
    }

    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The words of a parameter that holds several, with a blank between them.
    pub fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split(' ').filter(|word| !word.is_empty())
    }

    /// Every name and value, in the order in which they were sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl fmt::Debug for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Parameters, Repeated> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Parameters::new(pairs)
    }

    #[test]
    fn a_name_stands_once_and_an_empty_value_is_none() {
        let parameters = of(&[("scope", "openid  profile"), ("state", ""), ("nonce", "n")]);
        let parameters = parameters.expect("distinct names");
        assert_eq!(parameters.get("nonce"), Some("n"));
        assert_eq!(parameters.get("state"), None);
        assert_eq!(parameters.words("scope").collect::<Vec<_>>(), ["openid", "profile"]);
        assert_eq!(of(&[("state", "a"), ("state", "b")]), Err(Repeated));
        assert_eq!(of(&[("state", ""), ("state", "b")]), Err(Repeated));
    }

    #[test]
    fn a_query_is_read_as_it_was_written() {
        let parameters = of(&[("state", "a b&c=d+ü%"), ("nonce", "n")]).expect("distinct names");
        assert_eq!(Parameters::of_query(&parameters.query()), Ok(parameters));
    }

    #[test]
    fn debug_shows_no_value() {
        let parameters = of(&[("login_hint", "ada"), ("code", "secret")]).expect("distinct names");
        assert_eq!(format!("{parameters:?}"), "[\"login_hint\", \"code\"]");
    }
}
