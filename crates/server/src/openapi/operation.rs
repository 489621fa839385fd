//! One operation of the API, as it is put together for the document.

use std::collections::BTreeMap;

use actix_web::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Value, json};
use utoipa::{
    ToSchema,
    openapi::{
        AllOfBuilder, Content, ContentBuilder, Header, ObjectBuilder, Ref, RefOr, Required, Response,
        ResponseBuilder, Schema,
        example::{Example, ExampleBuilder},
        header::HeaderBuilder,
        link::Link,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::RequestBodyBuilder,
    },
};

use crate::{
    error::{ApiError, PROBLEM_JSON, Problem},
    field_schemas,
};

/// The media type of most bodies.
const JSON: &str = "application/json";

/// What is known of an operation.
#[derive(Default)]
pub struct Operation {
    id: String,
    tag: &'static str,
    summary: &'static str,
    description: &'static str,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    /// By their statuses.
    successes: BTreeMap<u16, Success>,
    answer_headers: Vec<(String, Header)>,
    /// The status and the code of each, and what is answered.
    problems: BTreeMap<(u16, &'static str), ApiError>,
    schemas: Vec<NamedSchema>,
}

/// A schema and the name by which others refer to it.
pub(crate) type NamedSchema = (String, RefOr<Schema>);

struct Body {
    media: &'static str,
    schema: RefOr<Schema>,
    is_required: bool,
    examples: Vec<(&'static str, Value)>,
}

#[derive(Default)]
struct Success {
    description: &'static str,
    content: Vec<(&'static str, RefOr<Schema>)>,
    example: Option<Value>,
    links: Vec<(&'static str, Link)>,
}

/// A query parameter, header or part of the path.
pub(crate) fn parameter(
    name: &str,
    place: ParameterIn,
    schema: impl Into<RefOr<Schema>>,
    description: &str,
) -> Parameter {
    let required = if place == ParameterIn::Path { Required::True } else { Required::False };
    let parameter = ParameterBuilder::new().name(name).parameter_in(place).required(required);
    parameter.schema(Some(schema)).description(Some(description).filter(|text| !text.is_empty())).build()
}

impl Operation {
    pub(super) fn with_id(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }

    /// The name of the handler.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its tag.
    pub(crate) fn tag(&self) -> &'static str {
        self.tag
    }

    /// Says among which others it stands, in a few words what it does, and then more of it as Markdown.
    pub fn summary(self, tag: &'static str, summary: &'static str, description: &'static str) -> Self {
        Self { tag, summary, description, ..self }
    }

    /// Adds a query parameter.
    pub fn query(mut self, name: &str, schema: impl Into<RefOr<Schema>>, description: &str) -> Self {
        self.parameters.push(parameter(name, ParameterIn::Query, schema, description));
        self
    }

    /// Adds a header of the request.
    pub fn header(mut self, name: &str, schema: impl Into<RefOr<Schema>>, description: &str) -> Self {
        self.parameters.push(parameter(name, ParameterIn::Header, schema, description));
        self
    }

    /// Adds a header of the successful answer.
    pub fn response_header(
        mut self,
        name: &str,
        schema: impl Into<RefOr<Schema>>,
        description: &str,
    ) -> Self {
        let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
        self.answer_headers.push((name.to_owned(), header));
        self
    }

    /// Says that the body is a `T` as JSON.
    pub fn request_body<T: ToSchema>(mut self, is_required: bool) -> Self {
        let schema = self.refer::<T>();
        self.body = Some(Body { media: JSON, schema, is_required, examples: Vec::new() });
        self.errors([
            ApiError::MalformedRequest("The body is not JSON."),
            ApiError::RequestTimeout,
            ApiError::PayloadTooLarge,
            ApiError::UnsupportedMediaType,
            ApiError::invalid("body", "The body must be an object."),
        ])
    }

    /// Says that the body is this JSON. What is wrong with another one is told apart.
    pub fn request_body_schema(mut self, schema: impl Into<RefOr<Schema>>) -> Self {
        let schema = schema.into();
        self.body = Some(Body { media: JSON, schema, is_required: true, examples: Vec::new() });
        self
    }

    /// Says that the body is a `T` of this media type, and what is wrong with one that is not. What is wrong
    /// with its members is told apart.
    pub fn request_body_as<T: ToSchema>(mut self, media: &'static str) -> Self {
        let schema = self.refer::<T>();
        self.body = Some(Body { media, schema, is_required: true, examples: Vec::new() });
        self.errors([ApiError::RequestTimeout, ApiError::PayloadTooLarge, ApiError::UnsupportedMediaType])
    }

    /// Adds an example of the body.
    pub fn request_example(mut self, name: &'static str, example: Value) -> Self {
        if let Some(body) = &mut self.body {
            body.examples.push((name, example));
        }
        self
    }

    /// Says that a `T` is answered as JSON.
    pub fn json_response<T: ToSchema>(mut self, status: u16) -> Self {
        let schema = self.refer::<T>();
        self.response_content(status, JSON, schema)
    }

    /// Says that something of this media type is answered.
    pub fn response_content(
        mut self,
        status: u16,
        media: &'static str,
        schema: impl Into<RefOr<Schema>>,
    ) -> Self {
        self.successes.entry(status).or_default().content.push((media, schema.into()));
        self
    }

    /// Says what an answer means, and that there is one with this status.
    pub fn response(mut self, status: u16, description: &'static str) -> Self {
        self.successes.entry(status).or_default().description = description;
        self
    }

    /// Adds an example of the first successful answer.
    pub fn response_example(mut self, example: Value) -> Self {
        if let Some(success) = self.successes.values_mut().next() {
            success.example = Some(example);
        }
        self
    }

    /// Says where a part of the first successful answer leads.
    pub fn link(
        mut self,
        name: &'static str,
        operation: &str,
        parameters: &[(&'static str, &'static str)],
    ) -> Self {
        let link = Link::builder().operation_id(operation);
        let link = parameters.iter().fold(link, |link, (name, value)| link.parameter(*name, *value));
        if let Some(success) = self.successes.values_mut().next() {
            success.links.push((name, link.build()));
        }
        self
    }

    /// Says what may go wrong.
    pub fn errors(mut self, errors: impl IntoIterator<Item = ApiError>) -> Self {
        for error in errors {
            self.problems.entry((error.status(), error.code())).or_insert(error);
        }
        self
    }

    /// The schema of `T` by its name, with all that it refers to.
    fn refer<T: ToSchema>(&mut self) -> RefOr<Schema> {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name()).into()
    }

    /// The schemas that it refers to.
    pub(crate) fn schemas(&mut self) -> Vec<NamedSchema> {
        std::mem::take(&mut self.schemas)
    }

    /// The problems that it may end in.
    pub(crate) fn problems(&self) -> impl Iterator<Item = &ApiError> {
        self.problems.values()
    }

    /// The operation for the document; what is its route's comes in the builder.
    pub(crate) fn finish(self, route: OperationBuilder) -> OperationBuilder {
        let mut operation = route.tag(self.tag).summary(Some(self.summary));
        if !self.description.is_empty() {
            operation = operation.description(Some(self.description));
        }
        for parameter in self.parameters {
            operation = operation.parameter(parameter);
        }
        if let Some(body) = self.body {
            let required = if body.is_required { Required::True } else { Required::False };
            let content = ContentBuilder::new().schema(Some(body.schema));
            let examples = body.examples.into_iter();
            let content = content.examples_from_iter(
                examples.map(|(name, value)| (name, ExampleBuilder::new().value(Some(value)))),
            );
            let body =
                RequestBodyBuilder::new().content(body.media, content.build()).required(Some(required));
            operation = operation.request_body(Some(body.build()));
        }
        for (status, success) in self.successes {
            operation = operation.response(status.to_string(), success.response(&self.answer_headers));
        }
        let problems: Vec<_> = self.problems.into_iter().collect();
        for of_status in problems.chunk_by(|((one, _), _), ((next, _), _)| one == next) {
            let errors: Vec<_> = of_status.iter().map(|(_, error)| error).collect();
            operation = operation.response(of_status[0].0.0.to_string(), problem_response(&errors));
        }
        operation
    }
}

impl Success {
    fn response(self, headers: &[(String, Header)]) -> Response {
        let mut response = ResponseBuilder::new().description(self.description);
        for (media, schema) in self.content {
            let content = ContentBuilder::new().schema(Some(schema)).example(self.example.clone());
            response = response.content(media, content.build());
        }
        for (name, header) in headers {
            response = response.header(name, header.clone());
        }
        for (name, link) in self.links {
            response = response.link(name, link);
        }
        response.build()
    }
}

/// The answer to these errors, which have one status.
fn problem_response(errors: &[&ApiError]) -> Response {
    let codes = errors.iter().map(|error| error.code());
    let sentence = |error: &&ApiError| format!("`{}`: {}", error.code(), error.sentence());
    let sentences = errors.iter().map(sentence).collect::<Vec<_>>().join("\n\n");
    let mut response = ResponseBuilder::new().description(sentences).content(PROBLEM_JSON, problems(codes));
    let of_all = |name| errors.iter().all(|error| error.headers().iter().any(|(known, _)| known == name));
    if errors.iter().any(|error| error.headers().iter().any(|(name, _)| name == RETRY_AFTER)) {
        let when = if of_all(RETRY_AFTER) { "" } else { ", where it helps to come again" };
        let header = HeaderBuilder::new()
            .schema(Some(field_schemas::integer(1, i64::MAX)))
            .description(Some(format!("After how many seconds to come again{when}.")));
        response = response.header("Retry-After", header.build());
    }
    if of_all(WWW_AUTHENTICATE) {
        let challenges = errors.iter().flat_map(|error| error.headers());
        let challenge = challenges.filter_map(|(_, value)| value.to_str().map(str::to_owned).ok()).last();
        let header = HeaderBuilder::new()
            .schema(Some(field_schemas::text(challenge.unwrap_or_default())))
            .description(Some("What kind of token is wanted (RFC 6750)."));
        response = response.header("WWW-Authenticate", header.build());
    }
    response.build()
}

/// The body of a problem with one of these codes. The examples are components of the document.
fn problems(codes: impl Iterator<Item = &'static str> + Clone) -> Content {
    let code = ObjectBuilder::new().property("code", field_schemas::one_of(codes.clone()));
    let problem = AllOfBuilder::new().item(Ref::from_schema_name(Problem::name())).item(code);
    let example = |code| (code, RefOr::<Example>::Ref(Ref::new(format!("#/components/examples/{code}"))));
    ContentBuilder::new().schema(Some(problem)).examples_from_iter(codes.map(example)).build()
}

/// An example of the problem that an error is.
pub(crate) fn example(error: &ApiError) -> Value {
    let body = crate::error::problem_body(error, "0193e2a4-7a51-7c3e-9d3c-0f2f0f0e3a11");
    serde_json::from_str(&body).unwrap_or(json!({}))
}
