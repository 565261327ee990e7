//! Ten thousand mixed requests in a row: good, bad and hostile.

use std::collections::BTreeMap;
use std::sync::Mutex;

use faceauth_test_support::{hostile, photos};
use image::imageops::{self, FilterType};

use crate::server::Server;

/// How many in all.
const REQUESTS: usize = 10_000;
/// How many warm the process up: pools, caches and the largest tensors exist then.
const WARM_UP: usize = 2_000;
/// How many clients send at once; more than the analysis queue would only be told so.
const CLIENTS: usize = 4;
/// How far resident memory may end above where it was after the warm-up.
const MAX_GROWTH: f64 = 0.05;

type Shot = (&'static str, Box<dyn Fn(&Server) -> u16 + Send + Sync>);

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_mixed_requests_leave_no_trace() {
    let server = Server::start("soak").await;
    let portrait = small(photos::OBAMA);
    assert_eq!(server.register("barack", &portrait).status, 201);
    let shots = shots(&portrait);

    let counts = Mutex::new(BTreeMap::<(&str, u16), usize>::new());
    let run = |from: usize, to: usize| {
        std::thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (server, shots, counts) = (&server, &shots, &counts);
                scope.spawn(move || {
                    for number in (from..to).filter(|n| n % CLIENTS == client) {
                        // A stride prime to the number of shots mixes them.
                        let (what, shot) = &shots[(number * 7) % shots.len()];
                        let status = shot(server);
                        *counts.lock().expect("counts").entry((what, status)).or_default() += 1;
                    }
                });
            }
        });
    };
    run(0, WARM_UP);
    let before = server.resident_kib();
    run(WARM_UP, REQUESTS);
    let after = server.resident_kib();

    let counts = counts.into_inner().expect("counts");
    println!("resident memory: {before} KiB after {WARM_UP}, {after} KiB after {REQUESTS}");
    for ((what, status), count) in &counts {
        println!("{count:6} x {status} {what}");
    }
    assert_eq!(counts.values().sum::<usize>(), REQUESTS);
    for (what, status) in counts.keys() {
        assert!(*status < 500, "{what} made the server fail: {status}");
    }
    let growth = after as f64 / before as f64 - 1.0;
    assert!(growth < MAX_GROWTH, "memory grew by {:.1} %", 100.0 * growth);
    assert!(!server.log().contains("panicked"));
    assert_eq!(server.get("/readyz", None).status, 200);
    assert!(server.stop().success());
}

/// Head and shoulders at webcam size, so that ten thousand requests end in minutes.
fn small(name: &str) -> Vec<u8> {
    let photo = photos::pixels(name);
    let side = photo.width().min(photo.height());
    let head = imageops::crop_imm(&photo, 0, 0, side, side).to_image();
    photos::jpeg(&imageops::resize(&head, 480, 480, FilterType::Triangle), 85)
}

fn shots(portrait: &[u8]) -> Vec<Shot> {
    let verify = |what, name: &'static str, picture: Vec<u8>| -> Shot {
        (what, Box::new(move |server: &Server| server.verify(name, &picture).status))
    };
    let json = |what, body: Vec<u8>| -> Shot {
        (
            what,
            Box::new(move |server: &Server| {
                server.post("/verify", "application/json", &body).status
            }),
        )
    };
    let faceless = photos::jpeg(&imageops::thumbnail(&photos::pixels("coffee.png"), 320, 213), 85);
    let faceless_again = faceless.clone();
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let mut noise = vec![0xFF, 0xD8, 0xFF, 0xE0];
    noise.extend((0..20_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
    let bomb = hostile::png_claiming(30_000, 30_000);
    let tall = hostile::png_claiming(1, 4096);
    let cut = hostile::truncated(portrait, 0.7);
    let portrait_again = portrait.to_vec();
    vec![
        verify("mated", "barack", portrait.to_vec()),
        verify("non-mated", "barack", small(photos::BIDEN)),
        verify("unknown user", "nobody", portrait.to_vec()),
        verify("no face", "barack", faceless),
        verify("truncated", "barack", cut),
        verify("noise behind a JPEG marker", "barack", noise),
        verify("text", "barack", b"not a picture".to_vec()),
        verify("empty", "barack", Vec::new()),
        verify("30,000 x 30,000", "barack", bomb),
        verify("header without pixels", "barack", tall),
        verify("forbidden username", "../../etc/passwd", portrait_again),
        json("broken JSON", b"{\"username\":".to_vec()),
        json("deep JSON", deep),
        json("no image", b"{\"username\":\"barack\"}".to_vec()),
        json(
            "a URL for an image",
            b"{\"username\":\"barack\",\"face_image\":\"http://127.0.0.1/\"}".to_vec(),
        ),
        (
            "11 MB",
            Box::new({
                let big = vec![b'x'; 11 * 1024 * 1024];
                move |server: &Server| server.post("/verify", "application/json", &big).status
            }),
        ),
        (
            "wrong boundary",
            Box::new(|server: &Server| {
                server.post("/verify", "multipart/form-data; boundary=x", b"--y\r\n\r\n").status
            }),
        ),
        (
            "detect",
            Box::new(move |server: &Server| {
                server.form("/detect", &[("image", Some("image/jpeg"), &faceless_again)]).status
            }),
        ),
        ("unknown path", Box::new(|server: &Server| server.get("/wp-admin", None).status)),
        ("no token", Box::new(|server: &Server| server.get("/me", None).status)),
        (
            "forged token",
            Box::new(|server: &Server| server.get("/me", Some("eyJhbGciOiJub25lIn0.e30.")).status),
        ),
        ("probe", Box::new(|server: &Server| server.get("/healthz", None).status)),
    ]
}
