//! The web page, and the documentation as a page.

use crate::{
    error::{ApiError, Resource},
    field_schemas,
    openapi::Operation,
};

pub(super) const TAG: &str = "Pages";

pub(in crate::routes) fn page(operation: Operation) -> Operation {
    operation
        .says(TAG, "The web page", "")
        .answers_with(200, "text/html", field_schemas::text("<!doctype html>"))
        .answers(200, "The page.")
        .answers(304, "The reader has it already.")
}

pub(in crate::routes) fn docs(operation: Operation) -> Operation {
    operation
        .says(TAG, "The documentation", "")
        .answers_with(200, "text/html", field_schemas::text("<!doctype html>"))
        .answers(200, "A page to read and to try the API on.")
}

pub(in crate::routes) fn style(operation: Operation) -> Operation {
    operation
        .says(TAG, "The style of pages without scripts", "")
        .answers_with(200, "text/css", field_schemas::text("body {}"))
        .answers(200, "The style.")
}

pub(in crate::routes) fn manifest(operation: Operation) -> Operation {
    operation
        .says(TAG, "What the page is when it is installed", "A web app manifest.")
        .answers_with(200, "application/manifest+json", field_schemas::object())
        .answers(200, "The manifest.")
        .answers(304, "The reader has it already.")
}

pub(in crate::routes) fn asset(operation: Operation) -> Operation {
    operation
        .says(TAG, "A file of the web page", "")
        .answers_with(200, "*/*", field_schemas::text("…"))
        .answers(200, "The file.")
        .answers(304, "The reader has it already.")
        .fails([ApiError::NotFound(Resource::Route)])
}
