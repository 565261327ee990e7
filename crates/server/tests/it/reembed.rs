//! Another matcher by enrolment images: nobody comes back to the camera.

use std::fs;

use faceauth_test_support::{paths, photos};

use crate::server::{Folder, Server};

/// The matcher that is shipped, and what it is called after the change.
const OLD: &str = "sface+fr-feature+lm68";
const NEW: &str = "sface+fr-feature+lm68+next";

#[tokio::test(flavor = "multi_thread")]
async fn kept_faces_are_embedded_anew_and_sign_in() {
    let keep = ("FACEAUTH__RETENTION__ENROLMENT_IMAGE_DAYS", "30");
    let server = Server::start_with("keeps-images", &[keep]).await;
    let obama = photos::bytes(photos::OBAMA);
    assert_eq!(server.register("barack", &obama).status, 201);
    assert_eq!(server.register("joe", &photos::bytes(photos::BIDEN)).status, 201);
    let client = server.database().client().await;
    let stored = client.query("SELECT sealed FROM enrolment_images", &[]).await.expect("rows");
    assert_eq!(stored.len(), 2);
    for row in &stored {
        let sealed: &[u8] = row.get(0);
        assert!(!sealed.windows(4).any(|bytes| bytes == b"JFIF"), "in the clear");
    }

    let folder = Folder::new("next-manifest");
    let manifest = folder.0.join("manifest.toml");
    let shipped = fs::read_to_string(paths::manifest()).expect("the shipped manifest");
    assert!(shipped.contains(&format!("id = \"{OLD}\"")));
    let next = shipped.replace(&format!("id = \"{OLD}\""), &format!("id = \"{NEW}\""));
    fs::write(&manifest, next).expect("write");
    let manifest = ("FACEAUTH__MODELS__MANIFEST", manifest.to_str().expect("a path"));
    let reembed = || {
        let mut command = server.operator(&["users", "reembed"]);
        let output = command.env(manifest.0, manifest.1).output().expect("run");
        let text = [&output.stdout[..], &output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).into_owned())
    };

    let replica = [
        keep,
        manifest,
        ("DATABASE_URL", server.database().url()),
        ("FACEAUTH__KEYS__DIR", server.keys()),
    ];
    let after = Server::start_with("next-model", &replica).await;
    let mated = photos::bytes(photos::OBAMA_OTHER_DAY);
    assert_eq!(after.verify("barack", &mated).code(), "authentication_failed");
    let (ok, text) = reembed();
    assert!(ok && text.contains(&format!("wrote 2 templates of {NEW}. 0 images")), "{text}");
    assert_eq!(after.verify("barack", &mated).status, 200);
    assert_eq!(after.verify("joe", &mated).code(), "authentication_failed");
    // The previous release still serves those who are on it.
    assert_eq!(server.verify("barack", &mated).status, 200);
    let (ok, text) = reembed();
    assert!(ok && text.contains("wrote 0 templates"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_unless_it_is_asked_for() {
    let server = Server::start("keeps-nothing").await;
    assert_eq!(server.register("barack", &photos::bytes(photos::OBAMA)).status, 201);
    let client = server.database().client().await;
    let stored = client.query("SELECT id FROM enrolment_images", &[]).await.expect("rows");
    assert!(stored.is_empty());
}
