//! Which answer and which change in which state: the two tables of `docs/contract.md`, cell by cell, on the running server.

use epix_core::receive::receive;
use epix_core::soap::Call;

use crate::parts::part;
use crate::permits::{endorsed, expired, multi_use, permit};
use crate::world::{Who, World, confirm, key};

const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/contract.md");

/// The rows of the table behind a mark, its cells trimmed, without the two lines of its head.
fn table(mark: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(CONTRACT).unwrap();
    let (_, rest) = text.split_once(&format!("<!-- {mark}:")).unwrap();
    let lines = rest.lines().skip(2).take_while(|line| line.starts_with('|')).skip(2);
    lines.map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// A permit of the kind that can come into a state.
fn document(state: &str, number: &str) -> String {
    match state {
        "issued with box 14" => endorsed(number, "8"),
        "in use" => multi_use(number),
        "expired" => expired(number),
        _ => permit(number, &[("A", "10")]),
    }
}

/// The quantities that bring a permit into a state, where quantities do.
const LEFT: &str = "A=8";

/// Brings a permit into a state.
async fn bring(world: &World, number: &str, state: &str) {
    let command = |verb: &str| world.succeeds(&[verb, number, "--reason", "for the test"]);
    match state {
        "issued" | "issued with box 14" | "expired" => {}
        "in use" => assert_eq!(part(world, Who::Customs, number, LEFT, "part-1").await, "confirmed"),
        "final" => assert_eq!(world.word(Who::Customs, confirm(number, LEFT)).await, "confirmed"),
        "used" => {
            for who in [Who::Customs, Who::Xb] {
                assert_eq!(world.word(who, confirm(number, LEFT)).await, "confirmed");
            }
        }
        "suspended" => drop(command("suspend")),
        "cancelled" => drop(command("cancel")),
        "replaced" => drop(world.succeeds(&["replace", number, "--by", "SPARE", "--reason", "for the test"])),
        "lost" => drop(command("lost")),
        "returned" => drop(command("return")),
        other => panic!("the table names a state that this test does not know: {other}"),
    }
}

/// A running server with a permit in the state of each row for each cell, named `S<row>-<cell>`.
async fn world_of(rows: &[Vec<String>]) -> World {
    let mut documents = vec![permit("SPARE", &[("A", "10")])];
    for (row, cells) in rows.iter().enumerate() {
        documents.extend((1..cells.len()).map(|cell| document(&cells[0], &format!("S{row}-{cell}"))));
    }
    let world = World::with(&documents);
    for (row, cells) in rows.iter().enumerate() {
        for cell in 1..cells.len() {
            bring(&world, &format!("S{row}-{cell}"), &cells[0]).await;
        }
    }
    world
}

/// The first word in back quotes.
fn expected(cell: &str) -> &str {
    cell.split('`').nth(1).unwrap()
}

/// Asks for a document, and tells which one came.
async fn fetched(world: &World, call: Call) -> String {
    let answered = world.call(Who::Xb, call).await.unwrap();
    match crate::world::word(&answered.answer).as_str() {
        "permit" if receive(&answered.bytes).unwrap().permit().is_endorsed() => "permit with box 14".to_owned(),
        "permit" => "permit as issued".to_owned(),
        fault => fault.to_owned(),
    }
}

async fn confirmed(world: &World, who: Who, number: &str, quantities: &str) -> String {
    part(world, who, number, quantities, "another call").await.replace("another call", "")
}

#[tokio::test]
async fn each_state_answers_each_operation_as_the_contract_says() {
    let rows = table("states");
    assert!(rows.len() >= 11, "{rows:?}");
    let world = world_of(&rows).await;

    for (row, cells) in rows.iter().enumerate() {
        let number = |cell: usize| format!("S{row}-{cell}");
        for (cell, call) in [(2, Call::GetNonFinal(key(&number(2)))), (3, Call::GetFinal(key(&number(3))))] {
            let found = fetched(&world, call).await;
            assert_eq!(found, cells[cell].replace('`', ""), "{}: {}", cells[0], cells[cell]);
        }
        for (cell, who) in [(4, Who::Customs), (5, Who::Xb)] {
            let found = confirmed(&world, who, &number(cell), "A=1").await;
            assert_eq!(found, expected(&cells[cell]), "{}: {}", cells[0], cells[cell]);
            if cells[cell].contains("the identical repeat `confirmed`") {
                let found = confirmed(&world, who, &number(cell), LEFT).await;
                assert_eq!(found, "confirmed", "{}: {}", cells[0], cells[cell]);
            }
        }
    }
}

#[tokio::test]
async fn each_change_is_possible_in_the_states_of_the_contract_only() {
    let changes = ["suspend", "resume", "cancel", "replace", "lost", "return", "reissue"];
    let rows = table("changes");
    assert!(rows.len() >= 11 && rows.iter().all(|cells| cells.len() == changes.len() + 1), "{rows:?}");
    let world = world_of(&rows).await;

    for (row, cells) in rows.iter().enumerate() {
        for (cell, change) in (1..).zip(changes) {
            let number = format!("S{row}-{cell}");
            let file = world.path("reissued.xml").display().to_string();
            let arguments = match change {
                "replace" => vec!["replace", &number, "--by", "SPARE", "--reason", "r"],
                "reissue" => {
                    let corrected = document(&cells[0], &number).replace("Caiman yacare", "Caiman latirostris");
                    std::fs::write(&file, corrected).unwrap();
                    vec!["reissue", &file, "--reason", "r"]
                }
                other => vec![other, &number, "--reason", "r"],
            };
            let output = world.command(&arguments);
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            let expected = if cells[cell] == "yes" { 0 } else { 1 };
            assert_eq!(output.status.code(), Some(expected), "{}, {change}: {said}", cells[0]);
            assert!(expected == 0 || said.contains("is not possible: it is"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_permit_that_is_no_longer_suspended_answers_again() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    world.succeeds(&["suspend", "N1", "--reason", "in doubt"]);
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "PermitSuspended");

    world.succeeds(&["resume", "N1", "--reason", "no doubt"]);

    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
    let history = world.succeeds(&["history", "N1"]);
    assert!(history.contains("suspended: in doubt") && history.contains("resumed: no doubt"), "{history}");
}

#[tokio::test]
async fn a_replaced_permit_and_its_successor_name_one_another() {
    let world = World::with(&[permit("N1", &[("A", "10")]), permit("N2", &[("A", "10")])]);

    world.succeeds(&["replace", "N1", "--by", "n2", "--reason", "wrong form"]);

    let answered = world.call(Who::Xb, Call::GetNonFinal(key("N1"))).await.unwrap();
    assert!(String::from_utf8(answered.bytes).unwrap().contains("N2"));
    assert_eq!(world.word(Who::Xc, Call::GetNonFinal(key("N1"))).await, "PermitNotFound", "others learn nothing");
    assert!(world.succeeds(&["history", "N1"]).contains("replaced by N2: wrong form"));
    assert!(world.succeeds(&["history", "N2"]).contains("replaces N1: wrong form"));
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N2"))).await, "permit");
}

#[tokio::test]
async fn a_reissued_permit_answers_with_its_new_document() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    let file = world.path("corrected.xml").display().to_string();
    std::fs::write(&file, permit("N1", &[("A", "12")])).unwrap();

    world.succeeds(&["reissue", &file, "--reason", "typing error"]);

    assert_eq!(world.word(Who::Customs, confirm("N1", "A=12")).await, "confirmed");
    assert!(world.succeeds(&["history", "N1"]).contains("reissued as document 2: typing error"));
}

#[tokio::test]
async fn who_confirmed_and_in_which_role_stands_in_the_record() {
    let world = World::with(&[permit("N1", &[("A", "10")])]);
    world.word(Who::Customs, confirm("N1", "A=8")).await;
    world.word(Who::Xb, confirm("N1", "A=7")).await;

    let history = world.succeeds(&["history", "N1"]);

    assert!(history.contains("Export confirmed by Customs of XA (customs), all: A=8"), "{history}");
    assert!(history.contains("Import confirmed by Management Authority of XB (management-authority), all: A=7"));
    assert!(
        history.contains("by XA-CUSTOMS, certificate sha256 ") && history.contains("by XB-MA, certificate sha256 ")
    );
}

#[tokio::test]
async fn an_authority_may_refuse_late_reports_of_exports() {
    let mut world = World::with(&[expired("N1")]);
    world.stop();
    let config = std::fs::read_to_string(world.path("epix-server.toml")).unwrap();
    let config = config.replace("# late_reports = \"taken\"", "late_reports = \"refused\" #");
    std::fs::write(world.path("epix-server.toml"), config).unwrap();
    world.start();

    assert_eq!(world.word(Who::Customs, confirm("N1", "A=1")).await, "PermitExpired");
    assert_eq!(world.word(Who::Xb, Call::GetNonFinal(key("N1"))).await, "permit");
}
