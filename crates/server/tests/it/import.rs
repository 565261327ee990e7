//! `faceauth users import` on folders as people have them.

use std::fs;

use faceauth_domain::capture::{MAX_IMAGE_BYTES, MAX_IMAGE_SIDE};
use faceauth_test_support::photos;
use image::DynamicImage;
use image::imageops::FilterType;

use crate::server::{Folder, Server, faceauth};

/// A HEIC file by its first bytes.
const HEIC: &[u8] = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic";

/// A photo enlarged to `width`.
fn enlarged(photo: &str, width: u32) -> DynamicImage {
    let picture = DynamicImage::ImageRgb8(photos::pixels(photo));
    let height = picture.height() * width / picture.width();
    picture.resize_exact(width, height, FilterType::Triangle)
}

/// The longer side of a picture.
fn image_side(bytes: &[u8]) -> u32 {
    let picture = image::load_from_memory(bytes).expect("a picture");
    picture.width().max(picture.height())
}

/// Writes files under a folder, with the folders they are in.
fn write(folder: &Folder, name: &str, bytes: &[u8]) {
    let path = folder.0.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, bytes).expect("write");
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_is_listed_and_the_status_tells_whether_all_are_enrolled() {
    let server = Server::start("import-all").await;
    let create = ["keys", "api", "create", "--label", "import", "--scope", "enrol", "--days", "1"];
    let key = server.operator(&create).output().expect("run").stdout;
    let key = String::from_utf8(key).expect("text").trim().to_owned();
    let import = |folder: &Folder| {
        let people = folder.0.to_str().expect("a path");
        let arguments =
            ["users", "import", people, "--url", server.base(), "--policy-version", "1"];
        let run = server.operator(&arguments).env("FACEAUTH_API_KEY", &key).output().expect("run");
        let text = String::from_utf8_lossy(&[&run.stdout[..], &run.stderr].concat()).into_owned();
        (run.status.success(), text)
    };

    let folder = Folder::new("import-everybody");
    let obama = photos::bytes(photos::OBAMA);
    let large = photos::jpeg(&enlarged(photos::OBAMA, 3300).to_rgb8(), 85);
    assert!(image_side(&large) > MAX_IMAGE_SIDE);
    write(&folder, "barack/1.jpg", &obama);
    write(&folder, "barack/large.jpg", &large);
    write(&folder, "barack/phone.heic", HEIC);
    write(&folder, "barack/notes.txt", b"no picture");
    let (ok, text) = import(&folder);
    assert!(ok && text.contains("barack: enrolled, pictures: 2, made smaller: 1\n"), "{text}");
    assert!(text.contains("barack/phone.heic is left out: a HEIC picture"), "{text}");
    assert!(text.contains("barack/notes.txt is left out"), "{text}");

    // A person who cannot be enrolled does not stop the others, in any alphabetical order.
    write(&folder, "Astro.png", &photos::bytes(photos::ASTRONAUT));
    write(&folder, "aa/1.jpg", b"");
    write(&folder, "biden.jpg", &photos::bytes(photos::BIDEN));
    write(&folder, "Biden.jpeg", &photos::bytes(photos::BIDEN));
    write(&folder, "cat.png", &photos::bytes(photos::FACELESS[0]));
    write(&folder, "cut.jpg", &obama[..obama.len() / 2]);
    write(&folder, "two words.jpg", &obama);
    write(&folder, "zed.heic", HEIC);
    fs::create_dir(folder.0.join("empty")).expect("a folder");
    for number in 1..=6 {
        write(&folder, &format!("six/{number}.jpg"), &obama);
    }
    let (ok, text) = import(&folder);
    assert!(!ok, "{text}");
    for line in [
        "Astro: enrolled, pictures: 1\n",
        "Biden: not enrolled: letter case",
        "aa: not enrolled: there is no picture that can be read\n  aa/1.jpg is left out: ",
        "barack: there already\n",
        "biden: not enrolled: letter case",
        "cat: not enrolled: no_face. ",
        "cut: not enrolled: ",
        "empty: not enrolled: there is no picture",
        "six: not enrolled: 6 pictures, and 5 are the most\n",
        "two words: not enrolled: a username has only ASCII",
        "zed: not enrolled: there is no picture",
        "zed.heic is left out: a HEIC picture, which is not read. Make a JPEG of it: heif-convert",
        "\n1 enrolled, 1 there already, 9 not enrolled\n",
    ] {
        assert!(text.contains(line), "{line:?} is missing:\n{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_that_are_too_large_together_are_made_smaller() {
    let server = Server::start("import-large").await;
    let create = ["keys", "api", "create", "--label", "import", "--scope", "enrol", "--days", "1"];
    let key = server.operator(&create).output().expect("run").stdout;
    let folder = Folder::new("import-together");
    // Lossless pictures of a phone's size: each passes alone, all together do not.
    let png = photos::png(&enlarged(photos::OBAMA, 2000));
    let noisy = photos::jpeg(&enlarged(photos::OBAMA_OTHER_DAY, 2000).to_rgb8(), 100);
    assert!(png.len() < MAX_IMAGE_BYTES && noisy.len() < MAX_IMAGE_BYTES);
    // Sixteen bits a colour: within both limits, and more than the service's decoder may hold.
    let mut wall = image::RgbImage::from_pixel(3100, 3900, image::Rgb([230; 3]));
    image::imageops::overlay(&mut wall, &enlarged(photos::OBAMA, 1800).to_rgb8(), 600, 900);
    let deep = DynamicImage::ImageRgb16(DynamicImage::ImageRgb8(wall).to_rgb16());
    let deep = photos::png(&deep);
    assert!(deep.len() < MAX_IMAGE_BYTES && image_side(&deep) < MAX_IMAGE_SIDE);
    let mut together = 0;
    for (number, bytes) in [&png, &noisy, &png].into_iter().enumerate() {
        write(&folder, &format!("barack/{number}"), bytes);
        together += bytes.len();
    }
    assert!(together > MAX_IMAGE_BYTES, "{together} bytes would not test anything");
    write(&folder, "deep.png", &deep);
    let people = folder.0.to_str().expect("a path");
    let arguments = ["users", "import", people, "--url", server.base(), "--policy-version", "1"];
    let key = String::from_utf8(key).expect("text");
    let run = server.operator(&arguments).env("FACEAUTH_API_KEY", key.trim()).output();
    let run = run.expect("run");
    let text = String::from_utf8_lossy(&[&run.stdout[..], &run.stderr].concat()).into_owned();
    assert!(run.status.success(), "{text}");
    assert!(text.contains("barack: enrolled, pictures: 3, made smaller: "), "{text}");
    assert!(text.contains("deep: enrolled, pictures: 1, made smaller: 1\n"), "{text}");
}

#[test]
fn without_a_service_everybody_is_listed_as_not_enrolled() {
    let folder = Folder::new("import-nobody-there");
    for number in 0..25 {
        write(&folder, &format!("p{number:02}.jpg"), &photos::bytes(photos::OBAMA));
    }
    let people = folder.0.to_str().expect("a path");
    let url = "http://127.0.0.1:1";
    let run = faceauth()
        .args(["users", "import", people, "--url", url, "--policy-version", "1"])
        .env("FACEAUTH_API_KEY", "fa_none")
        .output()
        .expect("run");
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(!run.status.success());
    assert_eq!(text.lines().filter(|line| line.contains(": not enrolled: ")).count(), 25, "{text}");
    assert!(text.contains("p09: not enrolled: http://127.0.0.1:1 does not answer"), "{text}");
    assert!(text.contains("p24: not enrolled: not tried, because"), "{text}");
    assert!(text.ends_with("0 enrolled, 0 there already, 25 not enrolled\n"), "{text}");
}
