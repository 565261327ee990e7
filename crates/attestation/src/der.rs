//! Reading DER (ITU-T X.690) that is not X.509: one value after the other, nothing left over.

use faceauth_domain::attestation::AttestationFlaw as Flaw;
use x509_parser::asn1_rs::{Any, Class, FromDer, Tag};

use crate::Result;

/// The values of a SEQUENCE, a SET or an explicit tag that are still to be read.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next value.
    pub(crate) fn next(&mut self) -> Result<Any<'a>> {
        let (rest, value) = Any::from_der(self.0).map_err(|_| Flaw::Malformed)?;
        self.0 = rest;
        Ok(value)
    }

    /// The next value with its tag and length.
    pub(crate) fn raw(&mut self) -> Result<&'a [u8]> {
        let before = self.0;
        self.next()?;
        Ok(&before[..before.len() - self.0.len()])
    }

    /// The next value; `None` at the end.
    pub(crate) fn next_or_end(&mut self) -> Result<Option<Any<'a>>> {
        if self.0.is_empty() { Ok(None) } else { self.next().map(Some) }
    }

    /// The content of the next value, which is of the universal type `tag`.
    fn universal(&mut self, tag: Tag) -> Result<&'a [u8]> {
        let value = self.next()?;
        let constructed = matches!(tag, Tag::Sequence | Tag::Set);
        let fits = value.class() == Class::Universal
            && value.tag() == tag
            && value.header.constructed() == constructed;
        fits.then(|| value.as_bytes()).ok_or(Flaw::Malformed)
    }

    pub(crate) fn sequence(&mut self) -> Result<Reader<'a>> {
        self.universal(Tag::Sequence).map(Reader)
    }

    pub(crate) fn set(&mut self) -> Result<Reader<'a>> {
        self.universal(Tag::Set).map(Reader)
    }

    pub(crate) fn octets(&mut self) -> Result<&'a [u8]> {
        self.universal(Tag::OctetString)
    }

    /// A small number that is not negative.
    pub(crate) fn integer(&mut self) -> Result<u64> {
        self.universal(Tag::Integer).and_then(number)
    }

    pub(crate) fn enumerated(&mut self) -> Result<u64> {
        self.universal(Tag::Enumerated).and_then(number)
    }

    pub(crate) fn boolean(&mut self) -> Result<bool> {
        match self.universal(Tag::Boolean)? {
            [0] => Ok(false),
            [0xff] => Ok(true),
            _ => Err(Flaw::Malformed),
        }
    }

    /// Whether everything has been read.
    pub(crate) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Everything has been read.
    pub(crate) fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Flaw::Malformed) }
    }
}

/// The content of an INTEGER or ENUMERATED that fits 63 bits and is not negative.
fn number(content: &[u8]) -> Result<u64> {
    let short = match content {
        [] => false,
        [0, next, ..] => next & 0x80 != 0,
        [first, ..] => first & 0x80 == 0,
    };
    let padding = usize::from(content.first() == Some(&0));
    if !short && content != [0] || content.len() > 8 + padding {
        return Err(Flaw::Malformed);
    }
    Ok(content.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// What is inside an EXPLICIT context tag with the number `tag`.
pub(crate) fn explicit<'a>(value: &Any<'a>, tag: u32) -> Result<Reader<'a>> {
    let fits = value.class() == Class::ContextSpecific
        && value.tag() == Tag(tag)
        && value.header.constructed();
    fits.then(|| Reader(value.as_bytes())).ok_or(Flaw::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        for (content, value) in
            [(&[0u8][..], 0), (&[2], 2), (&[0x7f], 127), (&[0, 0x80], 128), (&[1, 0], 256)]
        {
            assert_eq!(number(content), Ok(value));
        }
        for content in [&[][..], &[0x80], &[0, 1], &[0, 0], &[1; 9]] {
            assert_eq!(number(content), Err(Flaw::Malformed), "{content:?}");
        }
    }

    #[test]
    fn nothing_may_be_left_over_and_types_count() {
        let mut reader = Reader::new(&[0x30, 3, 2, 1, 5]);
        let mut inner = reader.sequence().unwrap();
        assert_eq!(inner.integer(), Ok(5));
        assert_eq!(inner.end(), Ok(()));
        assert!(Reader::new(&[2, 1, 5, 0]).end().is_err());
        assert!(Reader::new(&[2, 1, 5]).octets().is_err());
        assert!(Reader::new(&[2, 2, 5]).integer().is_err());
        assert!(Reader::new(&[1, 1, 1]).boolean().is_err());
        // A SEQUENCE that is not marked as constructed.
        assert!(Reader::new(&[0x10, 0]).sequence().is_err());
    }
}
