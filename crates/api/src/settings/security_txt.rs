//! Where to report a weakness (RFC 9116).

use chrono::{DateTime, Utc};
use url::Url;

/// The fields as an operator writes them. A field that is empty is left out.
#[derive(Debug, Clone, Default)]
pub struct SecurityTxtFields {
    /// Addresses to write to, best first: `mailto:`, `tel:` or `https://`. At least one.
    pub contact: Vec<String>,
    /// When all this is out of date (RFC 3339). Less than a year ahead is recommended.
    pub expires: String,
    /// Where keys for encrypted messages are.
    pub encryption: Vec<String>,
    /// A page that thanks people who reported a weakness.
    pub acknowledgments: Vec<String>,
    /// Languages that reports may be in (RFC 5646), `en, de`.
    pub preferred_languages: Option<String>,
    /// Where the file itself is.
    pub canonical: Vec<String>,
    /// The policy for people who look for weaknesses.
    pub policy: Vec<String>,
    /// Open positions.
    pub hiring: Vec<String>,
}

/// The file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityTxt {
    text: String,
    expires: DateTime<Utc>,
}

/// Why the file cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecurityTxtError {
    /// RFC 9116, 2.5.3.
    #[error("`contact` names at least one address")]
    NoContact,
    /// RFC 9116, 2.5.5.
    #[error("`expires` is a date with time and zone, for example 2027-06-30T00:00:00Z")]
    Expires,
    /// RFC 9116, 2.5: web addresses begin with `https://`.
    #[error("`{0}` is a mailto:, tel:, https:// or other address, and never http://")]
    Address(&'static str),
    /// RFC 9116, 2.5.8.
    #[error("`preferred_languages` is a list like `en, de`")]
    Languages,
}

impl SecurityTxt {
    /// Writes the file.
    ///
    /// # Errors
    /// [`SecurityTxtError`] when it would not be one that RFC 9116 knows.
    pub fn new(fields: &SecurityTxtFields) -> Result<Self, SecurityTxtError> {
        if fields.contact.is_empty() {
            return Err(SecurityTxtError::NoContact);
        }
        let expires = DateTime::parse_from_rfc3339(&fields.expires)
            .map_err(|_| SecurityTxtError::Expires)?
            .to_utc();
        let mut lines = Vec::new();
        for (setting, name, addresses) in [
            ("contact", "Contact", &fields.contact),
            ("encryption", "Encryption", &fields.encryption),
            ("acknowledgments", "Acknowledgments", &fields.acknowledgments),
            ("canonical", "Canonical", &fields.canonical),
            ("policy", "Policy", &fields.policy),
            ("hiring", "Hiring", &fields.hiring),
        ] {
            for address in addresses {
                if !is_address(address) {
                    return Err(SecurityTxtError::Address(setting));
                }
                lines.push(format!("{name}: {address}"));
            }
        }
        lines.push(format!("Expires: {}", expires.format("%Y-%m-%dT%H:%M:%SZ")));
        if let Some(languages) = &fields.preferred_languages {
            let known = |c: char| c.is_ascii_alphanumeric() || "-, ".contains(c);
            if languages.trim().is_empty() || !languages.chars().all(known) {
                return Err(SecurityTxtError::Languages);
            }
            lines.push(format!("Preferred-Languages: {languages}"));
        }
        Ok(Self { text: lines.join("\n") + "\n", expires })
    }

    /// What is served.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// When it is served no longer.
    #[must_use]
    pub fn expires(&self) -> DateTime<Utc> {
        self.expires
    }
}

fn is_address(text: &str) -> bool {
    let clean = text.chars().all(|c| c.is_ascii_graphic());
    clean && Url::parse(text).is_ok_and(|url| url.scheme() != "http")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(contact: &str, expires: &str) -> SecurityTxtFields {
        SecurityTxtFields {
            contact: vec![contact.to_owned()],
            expires: expires.to_owned(),
            ..SecurityTxtFields::default()
        }
    }

    #[test]
    fn contact_and_expiry_are_enough() {
        let written = fields("mailto:security@example.org", "2027-06-30T02:00:00+02:00");
        let file = SecurityTxt::new(&written).unwrap();
        assert_eq!(
            file.text(),
            "Contact: mailto:security@example.org\nExpires: 2027-06-30T00:00:00Z\n"
        );
    }

    #[test]
    fn what_rfc_9116_does_not_know_is_refused() {
        let expires = "2027-06-30T00:00:00Z";
        for contact in
            ["security@example.org", "http://example.org", "https://a\nHiring: https://b", ""]
        {
            let refused = SecurityTxt::new(&fields(contact, expires));
            assert_eq!(refused, Err(SecurityTxtError::Address("contact")), "{contact}");
        }
        let none = SecurityTxtFields { expires: expires.to_owned(), ..Default::default() };
        assert_eq!(SecurityTxt::new(&none), Err(SecurityTxtError::NoContact));
        for expires in ["", "2027-06-30", "soon"] {
            let refused = SecurityTxt::new(&fields("mailto:a@b.example", expires));
            assert_eq!(refused, Err(SecurityTxtError::Expires), "{expires}");
        }
        let languages = SecurityTxtFields {
            preferred_languages: Some("en\nContact: mailto:x@y".to_owned()),
            ..fields("mailto:a@b.example", expires)
        };
        assert_eq!(SecurityTxt::new(&languages), Err(SecurityTxtError::Languages));
    }
}
