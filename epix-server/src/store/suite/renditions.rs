//! What a store promises about renditions: one for each document and toolkit version, and never another one.

use epix_core::report::Lost;
use epix_core::version::ToolkitVersion;

use super::*;

fn rendition(bytes: &[u8]) -> Rendition {
    let losses = vec![Lost { form_box: "8".to_owned(), path: "consignment.items[0].marks".to_owned() }];
    Rendition { ordinal: 1, toolkit: ToolkitVersion::V1, losses, bytes: bytes.to_vec() }
}

async fn keep(bench: &Bench, permit: &str, rendition: Rendition) -> Result<Rendition, StoreError> {
    bench.store.keep_rendition(number(permit), rendition, audit("render")).await
}

pub(super) async fn a_rendition_comes_back_as_it_was_kept(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();

    let kept = keep(&bench, "xa-1", rendition(b"<CBFShip/>")).await.unwrap();

    assert_eq!(kept, rendition(b"<CBFShip/>"));
    let find = |ordinal, toolkit| {
        let store = bench.store.clone();
        async move { store.rendition(&xa(), &number("XA-1"), ordinal, toolkit).await.unwrap() }
    };
    assert_eq!(find(1, ToolkitVersion::V1).await, Some(kept));
    assert_eq!(find(2, ToolkitVersion::V1).await, None);
    assert_eq!(find(1, ToolkitVersion::V3Draft).await, None);
    assert_eq!(bench.audited().await.last().unwrap(), "render");
}

pub(super) async fn the_first_of_two_renditions_stands(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    keep(&bench, "XA-1", rendition(b"first")).await.unwrap();

    let kept = keep(&bench, "XA-1", rendition(b"second")).await.unwrap();

    assert_eq!(kept.bytes, b"first");
    let found = bench.store.rendition(&xa(), &number("XA-1"), 1, ToolkitVersion::V1).await.unwrap().unwrap();
    assert_eq!(found.bytes, b"first");
}

pub(super) async fn nothing_is_rendered_of_what_is_not_kept(bench: Bench) {
    bench.store.insert(permit("XA-1")).await.unwrap();
    let of_second = Rendition { ordinal: 2, ..rendition(b"x") };

    for (permit, rendition) in [("XA-2", rendition(b"x")), ("XA-1", of_second)] {
        let refused = keep(&bench, permit, rendition).await;
        assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    }
    assert!(!bench.audited().await.contains(&"render".to_owned()));
}
