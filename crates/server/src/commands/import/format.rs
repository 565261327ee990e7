//! What a file is by its bytes, and how to make a picture of what the service does not read.

use faceauth_domain::capture::ImageFormat;

/// Bytes at the start of a file that are enough to recognise its format.
pub(super) const HEADER_BYTES: usize = 64;

/// What names of pictures end in, those the service does not read among them. The rest of such a
/// name is the person's; of any other name, all of it is.
const EXTENSIONS: [&str; 18] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "avif", "gif", "bmp",
    "tif", "tiff", "jxl", "mp4", "mov", "webm",
];

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A picture the service reads.
    Picture,
    /// A picture or clip it does not read: what it is, and what to do with it.
    Unread(&'static str),
    /// Neither.
    Other,
}

const HEIC: &str = "a HEIC picture, which is not read. Make a JPEG of it: heif-convert IN.heic \
                    OUT.jpg (Debian package libheif-examples), or on a Mac sips -s format jpeg \
                    IN.heic --out OUT.jpg";
const AVIF: &str = "an AVIF picture, which is not read. Make a JPEG of it: heif-convert IN.avif \
                    OUT.jpg (Debian package libheif-examples)";
const GIF: &str = "a GIF picture, which is not read. Save it as JPEG or PNG";
const BMP: &str = "a BMP picture, which is not read. Save it as JPEG or PNG";
const TIFF: &str = "a TIFF or camera raw picture, which is not read. Save it as JPEG or PNG";
const JPEG_XL: &str = "a JPEG XL picture, which is not read. Save it as JPEG or PNG";
const CLIP: &str = "a clip, and people are imported from pictures. Save one of its frames as JPEG";

/// Brands of ISO base media files (ISO/IEC 14496-12) that hold HEIC pictures (ISO/IEC 23008-12).
const HEIC_BRANDS: [&[u8; 4]; 8] =
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"];

/// Tells what a file is that starts with `header`.
pub(super) fn kind(header: &[u8]) -> Kind {
    if ImageFormat::sniff(header).is_some() {
        return Kind::Picture;
    }
    match header {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => Kind::Unread(iso_media(brand)),
        [b'G', b'I', b'F', b'8', ..] => Kind::Unread(GIF),
        // Behind the letters come the file's size and four zeroes; text begins with them too.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Kind::Unread(BMP),
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Kind::Unread(TIFF),
        [0xFF, 0x0A, ..] | [0, 0, 0, 12, b'J', b'X', b'L', b' ', ..] => Kind::Unread(JPEG_XL),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Kind::Unread(CLIP),
        _ => Kind::Other,
    }
}

/// What an ISO base media file is whose first brand starts `brands`. `mif1` comes first in AVIF
/// files as well, so the brands behind it count.
fn iso_media(brands: &[u8]) -> &'static str {
    let is = |wanted: &[u8; 4]| brands.chunks_exact(4).any(|brand| brand == wanted);
    if is(b"avif") || is(b"avis") {
        return AVIF;
    }
    if HEIC_BRANDS.iter().any(|brand| is(brand)) { HEIC } else { CLIP }
}

/// The name of `file` without the ending of a picture, and whether it had one.
pub(super) fn stem(file: &str) -> (&str, bool) {
    match file.rsplit_once('.') {
        Some((stem, ending))
            if EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(ending)) =>
        {
            (stem, true)
        }
        _ => (file, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_what_a_file_is() {
        for (header, expected) in [
            (&b"\xFF\xD8\xFF\xE0"[..], Kind::Picture),
            (b"RIFF\0\0\0\0WEBPVP8 ", Kind::Picture),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Kind::Unread(HEIC)),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heic", Kind::Unread(HEIC)),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", Kind::Unread(AVIF)),
            (b"\0\0\0\x18ftypavif\0\0\0\0", Kind::Unread(AVIF)),
            (b"\0\0\0\x14ftypqt  \0\0\0\0", Kind::Unread(CLIP)),
            (b"\x1A\x45\xDF\xA3", Kind::Unread(CLIP)),
            (b"GIF89a", Kind::Unread(GIF)),
            (b"BM\x36\0\x0c\0\0\0\0\0\x36", Kind::Unread(BMP)),
            (b"BMW belongs to ada", Kind::Other),
            (b"II*\0\x08", Kind::Unread(TIFF)),
            (b"MM\0*\0", Kind::Unread(TIFF)),
            (b"\xFF\x0A\xFA\x1F", Kind::Unread(JPEG_XL)),
            (b"no picture", Kind::Other),
            (b"%PDF-1.7", Kind::Other),
            (b"", Kind::Other),
        ] {
            assert_eq!(kind(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_name_ends_where_the_ending_of_a_picture_begins() {
        assert_eq!(stem("ada.JPG"), ("ada", true));
        assert_eq!(stem("ada.lovelace.heic"), ("ada.lovelace", true));
        assert_eq!(stem("ada.lovelace"), ("ada.lovelace", false));
        assert_eq!(stem("notes.txt"), ("notes.txt", false));
        assert_eq!(stem(".jpg"), ("", true));
    }
}
