//! Does `docs/versions.md` say which versions and forms there are?

use std::fmt::Write as _;

use epix_core::check::profile::GUIDE;
use epix_core::convert::TARGETS;
use epix_core::version::{ImportCountry, JSON, ToolkitVersion, UnknownAttributes, VERSIONS, VersionSpec};
use epix_core::wire::{json, v1, v2, v3, wco};

use crate::fixture;

fn paths(spec: &VersionSpec) -> usize {
    match spec.version {
        epix_core::version::ToolkitVersion::V1 => v1::described_paths().len(),
        epix_core::version::ToolkitVersion::V2 => v2::described_paths().len(),
        epix_core::version::ToolkitVersion::V3Draft => v3::described_paths().len(),
        epix_core::version::ToolkitVersion::WcoDraft => wco::described_paths().len(),
        epix_core::version::ToolkitVersion::Json => unreachable!("our JSON form has no elements"),
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Toolkit versions\n\n\
         Made from `epix-core/src/version.rs` and `epix-core/src/convert.rs` by `cargo xtask gen`; \n\
         edits are overwritten. How another one is added: [how-to/add-toolkit-version.md](how-to/add-toolkit-version.md).\n\n",
    );
    for spec in VERSIONS.into_iter().filter(|spec| spec.version != ToolkitVersion::Json) {
        let attributes = match spec.unknown_attributes {
            UnknownAttributes::Refused => "refused".to_owned(),
            UnknownAttributes::Ignored { element, attribute } => {
                format!("passed over with a note; known is `{attribute}` on quantities (`…{element}`)")
            }
        };
        let draft =
            if spec.is_draft { "| grade | inferred by this project; not the published message |\n" } else { "" };
        let import = match spec.import_country {
            ImportCountry::Apart => "an element of its own",
            ImportCountry::InAddress => "the address of the importer",
            ImportCountry::Either => "either",
        };
        let (label, published, root) = (spec.label, spec.published, spec.root);
        let (message, components) = (spec.message_namespace, spec.component_namespace);
        write!(
            page,
            "## {label}\n\n| | |\n|---|---|\n| published | {published} |\n| root | `{root}` |\n\
             | namespace of the message | `{message}` |\n| namespace of the components | `{components}` |\n\
             | element paths, the root among them | {} |\n| country of import (box 3a) | {import} |\n\
             | unknown attributes | {attributes} |\n{draft}\n",
            paths(spec)
        )
        .unwrap();
    }
    write!(
        page,
        "## {}\n\nThe JSON form of this project, `\"format\": \"{}\"` and `\"version\": {}`; it carries everything that the model does. \n\
         Its JSON Schema is [schema/epix-permit-1.json](schema/epix-permit-1.json).\n\n",
        JSON.label, json::FORMAT, json::VERSION
    )
    .unwrap();
    page.push_str("## Forms to convert to\n\n| form | what it is |\n|---|---|\n");
    for target in TARGETS {
        writeln!(page, "| `{}` | {} |", target.name, target.what).unwrap();
    }
    let used = GUIDE.rows().iter().filter(|row| row.most > 0).count();
    write!(
        page,
        "\nThe guide form (`{}`) is a profile of {}: of its {} paths below the root it uses {used}, each row of \n\
         `xsd/v2-guide/profile.tsv` being a rule with a permanent id.\n",
        GUIDE.name,
        GUIDE.version,
        GUIDE.rows().len()
    )
    .unwrap();
    page.replace(" \n", "\n")
}

#[test]
fn the_generated_page_says_which_versions_and_forms_there_are() {
    fixture::compare("../docs/versions.md", page().as_bytes());
}
