//! What a store promises about finding permits by what they were entered under.

use super::*;

async fn store(bench: &Bench, number: &str, terms: &[&str]) {
    bench.store.insert(NewPermit { entry: entry(terms), ..permit(number) }).await.unwrap();
}

fn by(terms: &[&str]) -> Search {
    Search { terms: entry(terms).terms, ..Search::default() }
}

async fn found(bench: &Bench, search: &Search) -> (Vec<String>, Option<String>) {
    let found = bench.store.search(&xa(), search).await.unwrap();
    let numbers = found.permits.iter().map(|listed| listed.number.raw().to_owned()).collect();
    (numbers, found.reached.map(|number| number.raw().to_owned()))
}

pub(super) async fn a_permit_is_found_by_all_of_its_terms_and_no_other(bench: Bench) {
    store(&bench, "XA-2", &["panthera", "xb"]).await;
    store(&bench, "XA-1", &["panthera", "xc"]).await;
    store(&bench, "XA-3", &["caiman", "xb"]).await;

    assert_eq!(found(&bench, &by(&["panthera"])).await.0, ["XA-1", "XA-2"]);
    assert_eq!(found(&bench, &by(&["panthera", "xb"])).await.0, ["XA-2"]);
    assert_eq!(found(&bench, &by(&["panth"])).await.0, [] as [&str; 0]);
    assert_eq!(found(&bench, &by(&["panthera", "nothing"])).await.0, [] as [&str; 0]);
    assert_eq!(found(&bench, &by(&[])).await, (vec!["XA-1".into(), "XA-2".into(), "XA-3".into()], None));
    let listed = bench.store.search(&xa(), &by(&["caiman"])).await.unwrap().permits.remove(0);
    assert_eq!((listed.revision, listed.destination, listed.card), (1, Some(country("XB")), Some("caiman xb".into())));
}

pub(super) async fn a_change_changes_what_a_permit_is_found_by(bench: Bench) {
    store(&bench, "XA-1", &["issued", "xb"]).await;

    let change = Append { entry: entry(&["cancelled", "xb"]), ..change("XA-1", 1, cancelled()) };
    bench.store.append(change).await.unwrap();

    assert_eq!(found(&bench, &by(&["issued"])).await.0, [] as [&str; 0]);
    assert_eq!(found(&bench, &by(&["cancelled", "xb"])).await.0, ["XA-1"]);
    let listed = bench.store.search(&xa(), &by(&["xb"])).await.unwrap().permits.remove(0);
    assert_eq!((listed.revision, listed.card.as_deref()), (2, Some("cancelled xb")));
}

pub(super) async fn found_permits_come_in_pages_and_each_look_is_bounded(bench: Bench) {
    for number in 1..=6 {
        let colour = if number % 2 == 0 { "even" } else { "odd" };
        store(&bench, &format!("XA-{number}"), &["any", colour]).await;
    }

    let two = Search { limit: 2, ..by(&["even"]) };
    assert_eq!(found(&bench, &two).await, (vec!["XA-2".into(), "XA-4".into()], Some("XA-4".into())));
    let behind = Search { after: Some(number("xa-4")), ..two };
    assert_eq!(found(&bench, &behind).await, (vec!["XA-6".into()], None));

    let mut look = Search { look_at: 2, ..by(&["odd", "any"]) };
    let mut all = Vec::new();
    loop {
        let (numbers, reached) = found(&bench, &look).await;
        all.extend(numbers);
        let Some(reached) = reached else { break };
        look.after = Some(number(&reached));
    }
    assert_eq!(all, ["XA-1", "XA-3", "XA-5"]);
}

pub(super) async fn a_search_stays_in_the_books_of_its_authority(bench: Bench) {
    bench
        .store
        .insert(NewPermit { entry: entry(&["xb"]), audit: audit_of("XB", "import"), ..permit("XA-1") })
        .await
        .unwrap();

    assert_eq!(found(&bench, &by(&["xb"])).await.0, [] as [&str; 0]);
    assert_eq!(bench.store.search(&authority("XB"), &by(&["xb"])).await.unwrap().permits.len(), 1);
}

pub(super) async fn a_number_is_found_by_how_it_begins(bench: Bench) {
    for number in ["XA-1", "XA-10", "XA-2", "xa - 11"] {
        store(&bench, number, &["t"]).await;
    }
    let beginning = |terms: &[&str]| Search { prefix: "XA-1".to_owned(), ..by(terms) };

    assert_eq!(found(&bench, &beginning(&[])).await.0, ["XA-1", "XA-10", "xa - 11"]);
    assert_eq!(found(&bench, &beginning(&["t"])).await.0, ["XA-1", "XA-10", "xa - 11"]);
    let behind = Search { after: Some(number("XA-10")), ..beginning(&["t"]) };
    assert_eq!(found(&bench, &behind).await.0, ["xa - 11"]);
}

pub(super) async fn an_entry_is_made_late_once_at_most(bench: Bench) {
    store(&bench, "XA-1", &["early"]).await;
    let without = Search { without_entry: true, ..Search::default() };

    bench.store.enter(&xa(), &number("XA-1"), entry(&["late"])).await.unwrap();
    let unknown = bench.store.enter(&xa(), &number("XA-2"), entry(&["late"])).await;

    assert_eq!(found(&bench, &by(&["early"])).await.0, ["XA-1"]);
    assert_eq!(found(&bench, &by(&["late"])).await.0, [] as [&str; 0]);
    assert_eq!(found(&bench, &without).await.0, [] as [&str; 0]);
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
}
