//! The web page, and the documentation as a page.

use crate::{
    error::{ApiError, Resource},
    field_schemas,
    openapi::Operation,
};

pub(super) const TAG: &str = "Pages";

pub(in crate::routes) fn page(operation: Operation) -> Operation {
    operation
        .summary(TAG, "The web page", "")
        .response_content(200, "text/html", field_schemas::text("<!doctype html>"))
        .response(200, "The page.")
        .response(304, "The reader has it already.")
}

pub(in crate::routes) fn docs(operation: Operation) -> Operation {
    operation
        .summary(TAG, "The documentation", "")
        .response_content(200, "text/html", field_schemas::text("<!doctype html>"))
        .response(200, "A page to read and to try the API on.")
}

pub(in crate::routes) fn style(operation: Operation) -> Operation {
    operation
        .summary(TAG, "The style of pages without scripts", "")
        .response_content(200, "text/css", field_schemas::text("body {}"))
        .response(200, "The style.")
}

pub(in crate::routes) fn manifest(operation: Operation) -> Operation {
    operation
        .summary(TAG, "What the page is when it is installed", "A web app manifest.")
        .response_content(200, "application/manifest+json", field_schemas::object())
        .response(200, "The manifest.")
        .response(304, "The reader has it already.")
}

pub(in crate::routes) fn asset(operation: Operation) -> Operation {
    operation
        .summary(TAG, "A file of the web page", "")
        .response_content(200, "*/*", field_schemas::text("…"))
        .response(200, "The file.")
        .response(304, "The reader has it already.")
        .errors([ApiError::NotFound(Resource::Route)])
}
