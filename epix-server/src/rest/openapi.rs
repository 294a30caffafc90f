//! The description of the face (OpenAPI 3.1): its routes from their rows, its bodies and answers from the types that are read and sent.

use utoipa::ToSchema;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Content, HeaderBuilder, HttpMethod, InfoBuilder, KnownFormat, LicenseBuilder, ObjectBuilder,
    OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Responses,
    ResponsesBuilder, Schema, SchemaFormat, Server, Type,
};

use super::BASE;
use super::problem::Told;
use super::routes::{Gives, ROUTES, Right, Route, Takes};

/// Schemas by their names, as they are gathered while the routes are told.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// Puts the schema of a type among the others, with all that it refers to, and points to it.
pub(super) fn shape<T: ToSchema>(schemas: &mut Schemas) -> Ref {
    T::schemas(schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    Ref::from_schema_name(T::name())
}

/// The description, as `/rest/v1/openapi.json` serves it and `docs/openapi.json` keeps it.
pub fn description() -> String {
    let (mut schemas, mut paths) = (Schemas::new(), PathsBuilder::new());
    for route in ROUTES {
        let method = if route.is_unsafe { HttpMethod::Post } else { HttpMethod::Get };
        paths = paths.path(route.path, PathItem::new(method, operation(route, &mut schemas)));
    }
    let problem = shape::<Told>(&mut schemas);
    let problem = ResponseBuilder::new()
        .description("a refusal (RFC 9457)")
        .content("application/problem+json", Content::new(Some(problem)));
    let mut components = Components::builder().response("Problem", problem.build()).build();
    components.add_security_scheme("key", key());
    components.add_security_scheme("certificate", certificate());
    components.schemas.extend(schemas);
    let license = LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build();
    let info = InfoBuilder::new()
        .title("epix: CITES permits of an authority")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("For the authority's own systems and clerks by API key; for partner Parties by client certificate, with the rights that they have in SOAP."))
        .license(Some(license));
    let whole = OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(BASE)]))
        .paths(paths)
        .components(Some(components))
        .build();
    whole.to_pretty_json().expect("texts and maps with text keys always serialise") + "\n"
}

fn key() -> SecurityScheme {
    let mut key = Http::new(HttpAuthScheme::Bearer);
    key.description = Some("made by `epix-server keys add`".to_owned());
    SecurityScheme::Http(key)
}

fn certificate() -> SecurityScheme {
    let description = Some("a certificate that stands in the register of parties".to_owned());
    SecurityScheme::MutualTls { description, deprecated: None, extensions: None }
}

fn operation(route: &Route, schemas: &mut Schemas) -> Operation {
    OperationBuilder::new()
        .operation_id(Some(route.name))
        .summary(Some(route.about))
        .parameters(Some(parameters(route)))
        .request_body(route.is_unsafe.then(|| body(route.takes, schemas)))
        .responses(responses(route, schemas))
        .securities(Some(security(route.right)))
        .build()
}

fn body(takes: Takes, schemas: &mut Schemas) -> RequestBody {
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let body = match takes {
        Takes::Json(shape) => body.content("application/json", Content::new(Some(shape(schemas)))),
        Takes::Document => ["application/xml", "application/json", "multipart/form-data"]
            .into_iter()
            .fold(body, |body, media| body.content(media, anything())),
    };
    body.build()
}

fn responses(route: &Route, schemas: &mut Schemas) -> Responses {
    let answer = |description: &str, schemas: &mut Schemas| {
        let contents = contents(route.gives, schemas);
        let mut answer = ResponseBuilder::new().description(description);
        for (media, content) in contents {
            answer = answer.content(media, content);
        }
        answer
    };
    let mut all = ResponsesBuilder::new().response("200", answer("done", schemas).build());
    if route.creates() {
        let place = HeaderBuilder::new().schema(Some(text())).build();
        let created = answer("something new is there, at Location", schemas).header("Location", place);
        all = all.response("201", created.build());
    }
    if !route.is_unsafe {
        all = all.response("304", Response::new("the caller has it already (If-None-Match)"));
    }
    let refusal = || Ref::from_response_name("Problem");
    all.response("4XX", refusal()).response("5XX", refusal()).build()
}

/// What an answer brings, by its types.
fn contents(gives: Gives, schemas: &mut Schemas) -> Vec<(&'static str, Content)> {
    match gives {
        Gives::Json(shape) => vec![("application/json", Content::new(Some(shape(schemas))))],
        Gives::Object => vec![("application/json", object())],
        Gives::Document => vec![("application/xml", anything()), ("application/json", object())],
        Gives::Signature => vec![("application/xml", anything())],
        Gives::File => vec![("application/octet-stream", anything())],
        Gives::Page => vec![("text/html", anything())],
    }
}

fn object() -> Content {
    Content::new(Some(ObjectBuilder::new().schema_type(Type::Object)))
}

/// Bytes whose form the schema does not tell.
fn anything() -> Content {
    Content::new(Some(ObjectBuilder::new().schema_type(SchemaType::AnyValue)))
}

/// Who may: one of these is enough.
fn security(right: Right) -> Vec<SecurityRequirement> {
    match right {
        Right::Anybody => Vec::new(),
        Right::Key(scope) => vec![SecurityRequirement::new("key", [scope])],
        Right::KeyOrPartner(scope) => {
            vec![SecurityRequirement::new("key", [scope]), SecurityRequirement::new("certificate", [""; 0])]
        }
    }
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn number(least: u32) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least))
}

/// The values of a parameter behind the question mark.
fn values(route: &Route, name: &str) -> ObjectBuilder {
    match name {
        "limit" => number(1).maximum(Some(500)),
        "shard" => number(0).maximum(Some(u32::MAX)),
        // Of permits it is a number of theirs, of the audit the place of a line.
        "after" if route.path == "/audit" => number(0),
        "issuedFrom" | "issuedUntil" | "validFrom" | "validUntil" => {
            text().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        }
        "country" => text().pattern(Some("^[A-Z]{2}$")),
        _ => text(),
    }
}

fn parameters(route: &Route) -> Vec<Parameter> {
    let segments = route.path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}'));
    let in_path = segments.map(|name| parameter(ParameterIn::Path, name, "in the address, escaped", text()));
    let in_query =
        route.query.iter().map(|(name, about)| parameter(ParameterIn::Query, name, about, values(route, name)));
    let mut all: Vec<Parameter> = in_path.chain(in_query).collect();
    let mut header = |name, about| all.push(parameter(ParameterIn::Header, name, about, text()));
    if route.takes_token() {
        header("EPIX-Token", "for partners, and for permits of theirs: the security token of the permit");
    }
    if route.changes() {
        header("Idempotency-Key", "the same key again gives the same answer and changes nothing");
    }
    if route.changes() && route.path.starts_with("/permits/{number}/") {
        header("If-Match", "the ETag of the state on which the change was decided");
    }
    all
}

fn parameter(place: ParameterIn, name: &str, about: &str, values: ObjectBuilder) -> Parameter {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
    parameter.description(Some(about)).schema(Some(values)).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_schema_stands_for_one_shape() {
        let mut schemas = Schemas::new();
        ROUTES.iter().for_each(|route| drop(operation(route, &mut schemas)));

        for (name, schema) in &schemas {
            let others = schemas.iter().filter(|(other, _)| other == name);
            assert!(others.clone().all(|(_, other)| other == schema), "{name}");
        }
    }
}
