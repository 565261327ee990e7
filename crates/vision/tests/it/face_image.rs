//! The picture of a face that may be kept is enough for a matcher, and holds little else.

use faceauth_domain::analyzer::Keep;
use faceauth_domain::capture::EncodedImage;
use faceauth_domain::evidence::Evidence;
use faceauth_test_support::photos;

use crate::support::{encoded, pipeline};

/// Least cosine between the embedding of a picture and of what is kept of it.
const LEAST_LIKENESS: f32 = 0.98;

fn evidence(image: &EncodedImage, keep: Keep) -> Evidence {
    pipeline().reference(image, keep).expect("inference").expect("a usable face")
}

#[test]
fn a_kept_face_embeds_as_the_picture_did() {
    for name in [photos::OBAMA, photos::OBAMA_OTHER_DAY, photos::BIDEN, photos::ASTRONAUT] {
        let original = evidence(&encoded(photos::bytes(name)), Keep::FaceImage);
        let kept = original.image.expect("a face image was asked for");
        let (size, face) = (kept.size(), original.face.bounding_box);
        assert!(size.width.max(size.height) <= 320, "{name}: {size:?}");
        let around = (2.0 * face.width.max(face.height)).ceil() + 1.0;
        assert!(size.width.max(size.height) as f32 <= around, "{name}: {size:?} is enlarged");
        let again = evidence(&kept, Keep::Nothing);
        let likeness = original.embedding.compare(&again.embedding).expect("one model").value();
        println!("{name}: {size:?}, {} bytes, {likeness}", kept.bytes().len());
        assert!(likeness >= LEAST_LIKENESS, "{name}: {likeness}");
    }
}

#[test]
fn nothing_is_cut_out_unless_it_is_asked_for() {
    assert!(evidence(&encoded(photos::bytes(photos::OBAMA)), Keep::Nothing).image.is_none());
}
