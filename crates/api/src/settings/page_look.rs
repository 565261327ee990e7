//! A deployment's own look of the page: name, logo and accent colours.

use std::fmt;
use std::str::FromStr;

/// Most characters of a name: it stands in one line of a phone.
const MAX_NAME_CHARS: usize = 40;

/// Most bytes of a logo. The page loads it on every visit.
const MAX_LOGO_BYTES: usize = 262_144;

/// Least contrast of text (WCAG 2.2, 1.4.3, level AA).
const LEAST_CONTRAST: f64 = 4.5;

/// How a deployment wants the page to look. What is not set keeps its default.
#[derive(Debug, Clone, Default)]
pub struct PageLook {
    /// In place of the product's name.
    pub name: Option<PageName>,
    /// In place of the product's icon.
    pub logo: Option<Logo>,
    /// Accent on light surfaces.
    pub accent_light: Option<Accent>,
    /// Accent on dark surfaces.
    pub accent_dark: Option<Accent>,
}

/// A name of 1 to 40 characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageName(String);

/// A picture in a format that browsers show.
#[derive(Clone)]
pub struct Logo {
    bytes: Vec<u8>,
    media_type: &'static str,
}

/// The surfaces that an accent colour is seen on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// For bright surroundings.
    Light,
    /// For dark surroundings.
    Dark,
}

/// A colour that can be read on every surface of its scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent(Colour);

/// A colour of the sRGB space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour([u8; 3]);

/// Why a look is not usable.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PageLookError {
    /// Not a name.
    #[error("a name has 1 to {MAX_NAME_CHARS} characters in one line")]
    Name,
    /// The file is too large.
    #[error("a logo has at most {MAX_LOGO_BYTES} bytes")]
    LogoTooLarge,
    /// The file is not a picture that browsers show.
    #[error("a logo is a PNG, WebP, JPEG or SVG file")]
    LogoFormat,
    /// Not a colour.
    #[error("a colour is written #rrggbb")]
    Colour,
    /// The colour cannot be read on a surface.
    #[error(
        "{colour} has a contrast of {contrast:.2} to {surface}, a surface of the {scheme} page; \
         text needs {LEAST_CONTRAST} (WCAG 2.2, 1.4.3): choose a {better} one"
    )]
    Contrast {
        /// As it was written.
        colour: String,
        /// 1 to 21.
        contrast: f64,
        /// The surface of the page.
        surface: String,
        /// Its scheme.
        scheme: Scheme,
        /// In what way another colour would do.
        better: &'static str,
    },
}

impl PageName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PageName {
    type Err = PageLookError;

    fn from_str(text: &str) -> Result<Self, PageLookError> {
        let name = text.trim();
        let fits = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
        let one_line = !name.chars().any(char::is_control);
        if fits && one_line { Ok(Self(name.to_owned())) } else { Err(PageLookError::Name) }
    }
}

impl Logo {
    /// Recognises the picture by its bytes.
    ///
    /// # Errors
    /// When it is too large or no picture that browsers show.
    pub fn new(bytes: Vec<u8>) -> Result<Self, PageLookError> {
        if bytes.len() > MAX_LOGO_BYTES {
            return Err(PageLookError::LogoTooLarge);
        }
        let media_type = match bytes.as_slice() {
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
            text if is_svg(text) => "image/svg+xml",
            _ => return Err(PageLookError::LogoFormat),
        };
        Ok(Self { bytes, media_type })
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logo").field("media_type", &self.media_type).finish_non_exhaustive()
    }
}

/// Whether a file is text with an `<svg` element near its start.
fn is_svg(bytes: &[u8]) -> bool {
    /// Comments and declarations of drawing programs stand before the element.
    const WITHIN: usize = 1024;
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let start = text.char_indices().nth(WITHIN).map_or(text, |(end, _)| &text[..end]);
    start.trim_start_matches('\u{feff}').trim_start().starts_with('<') && start.contains("<svg")
}

impl Scheme {
    /// What accents stand on: the custom properties `--ground`, `--surface` and `--sunken` of
    /// `frontend/src/views/tokens.css` and `dark.css`.
    const fn surfaces(self) -> [Colour; 3] {
        match self {
            Self::Light => {
                [Colour([0xf3, 0xf4, 0xf1]), Colour([255, 255, 255]), Colour([0xee, 0xf0, 0xec])]
            }
            Self::Dark => {
                [Colour([0x10, 0x15, 0x13]), Colour([0x18, 0x1f, 0x1c]), Colour([0x12, 0x18, 0x15])]
            }
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Light => "light",
            Self::Dark => "dark",
        })
    }
}

impl Accent {
    /// Reads `#rrggbb` for the surfaces of `scheme`. Words on a button of this colour can then be
    /// read too: they are as bright or as dark as the surfaces.
    ///
    /// # Errors
    /// When it is no colour, or cannot be read on one of the surfaces.
    pub fn parse(text: &str, scheme: Scheme) -> Result<Self, PageLookError> {
        let colour: Colour = text.parse()?;
        for surface in scheme.surfaces() {
            let contrast = colour.contrast(surface);
            if contrast < LEAST_CONTRAST {
                return Err(PageLookError::Contrast {
                    colour: colour.to_string(),
                    contrast,
                    surface: surface.to_string(),
                    scheme,
                    better: match scheme {
                        Scheme::Light => "darker",
                        Scheme::Dark => "brighter",
                    },
                });
            }
        }
        Ok(Self(colour))
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Colour {
    /// Relative luminance, 0 to 1 (WCAG 2.2, its definition and constants).
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// Contrast ratio, 1 to 21.
    fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }
}

impl FromStr for Colour {
    type Err = PageLookError;

    fn from_str(text: &str) -> Result<Self, PageLookError> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6);
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let [_, red, green, blue] = number.ok_or(PageLookError::Colour)?.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let colour = |text: &str| text.parse::<Colour>().unwrap();
        assert!((colour("#000000").contrast(colour("#ffffff")) - 21.0).abs() < 1e-9);
        // A grey that is known to be the lightest with 4.5 to white.
        assert!(colour("#767676").contrast(colour("#ffffff")) >= LEAST_CONTRAST);
        assert!(colour("#777777").contrast(colour("#ffffff")) < LEAST_CONTRAST);
    }

    #[test]
    fn accents_are_read_and_those_that_cannot_be_read_are_refused() {
        let accent = |text, scheme| Accent::parse(text, scheme).map(|accent| accent.to_string());
        assert_eq!(accent("#1D6B57", Scheme::Light).as_deref(), Ok("#1d6b57"));
        assert_eq!(accent("#74d3b4", Scheme::Dark).as_deref(), Ok("#74d3b4"));
        let refused = accent("#74d3b4", Scheme::Light).unwrap_err().to_string();
        assert!(refused.contains("choose a darker one"), "{refused}");
        let refused = accent("#1d6b57", Scheme::Dark).unwrap_err().to_string();
        assert!(refused.contains("choose a brighter one"), "{refused}");
        for text in ["", "1d6b57", "#1d6b5", "#1d6b577", "#+1d6b5", "green", "#1d6b5ü"] {
            assert_eq!(accent(text, Scheme::Light), Err(PageLookError::Colour), "{text}");
        }
    }

    #[test]
    fn the_surfaces_are_those_of_the_style_sheets() {
        let views = concat!(env!("CARGO_MANIFEST_DIR"), "/../../frontend/src/views/");
        for (sheet, scheme) in [("tokens.css", Scheme::Light), ("dark.css", Scheme::Dark)] {
            let text = std::fs::read_to_string(format!("{views}{sheet}")).unwrap();
            for (name, colour) in ["ground", "surface", "sunken"].iter().zip(scheme.surfaces()) {
                assert!(text.contains(&format!("--{name}: {colour};")), "{sheet}: {name}");
            }
        }
    }

    #[test]
    fn names_have_one_line() {
        assert_eq!(" Wool & Thread ".parse::<PageName>().unwrap().as_str(), "Wool & Thread");
        for text in ["", "  ", "a\nb", &"x".repeat(41)] {
            assert_eq!(text.parse::<PageName>(), Err(PageLookError::Name), "{text}");
        }
    }

    #[test]
    fn logos_are_known_by_their_bytes() {
        let media_type = |bytes: &[u8]| Logo::new(bytes.to_vec()).map(|logo| logo.media_type());
        let svg =
            b"<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>";
        assert_eq!(media_type(svg), Ok("image/svg+xml"));
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n"), Ok("image/png"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Ok("image/webp"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0"), Ok("image/jpeg"));
        for bytes in [b"".as_slice(), b"<html><body>", b"svg <svg", b"\xff\xfe<svg"] {
            assert_eq!(media_type(bytes), Err(PageLookError::LogoFormat));
        }
        assert_eq!(media_type(&vec![0; MAX_LOGO_BYTES + 1]), Err(PageLookError::LogoTooLarge));
    }
}
