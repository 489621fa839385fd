//! Handles the requests of MCP clients: lists the tools, and calls them.

use std::sync::{Arc, atomic::Ordering};

use domain::{
    access_token::Scope,
    approval::AskReason,
    caller::Caller,
    mcp_call::McpCall,
    ports::IdempotentOutcome,
    tool::{self, Tool, ToolError, ToolErrorCode},
    turn::{IdempotencyKey, RequestKey},
};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CacheScope, CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock,
        GetPromptRequestParams, GetPromptResponse, Implementation, JsonObject, ListToolsResult, MetaObject,
        PaginatedRequestParams, ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities,
        ServerConfig,
    },
    service::RequestContext,
};
use serde_json::{Value, json};
use tracing::Instrument;

use super::{McpRequest, tool_list};
use crate::{
    VERSION,
    error::ApiError,
    extract::{idempotency_key, time_zone::personal_time},
    middleware::authentication::require,
};

/// The member of a call's `_meta` with the program's name for it.
const IDEMPOTENCY_KEY: &str = "todo-ai-chatbot/idempotency-key";
/// The member of a result's `_meta` that says that it was given before.
const REPLAYED: &str = "todo-ai-chatbot/replayed";

/// Instructions for a model about all tools.
const INSTRUCTIONS: &str = "The todo list of the person who gave you access. Tasks have numbers: find one with \
                            list_tasks and search, and send its number as task_id. Days are words such as \
                            tomorrow, or dates, in the person's own time. Ask the person before you delete.";

/// How long a program may rely on the list of tools, in milliseconds: they change with our version alone.
const TOOLS_KEEP_MS: u64 = 5 * 60 * 1000;

/// Answers one HTTP request.
pub(super) struct ToolHandler(pub(super) Arc<McpRequest>);

impl ServerHandler for ToolHandler {
    fn get_info(&self) -> ServerConfig {
        // There are no prompts and no resources: programs that ask for them are shown none.
        let capabilities =
            ServerCapabilities::builder().enable_tools().enable_prompts().enable_resources().build();
        let ours = Implementation::new("todo-ai-chatbot", VERSION).with_title("Todo list");
        ServerConfig::new(capabilities).with_server_info(ours).with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _page: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tools = ListToolsResult::with_all_items(tool_list::all());
        Ok(tools.with_ttl_ms(TOOLS_KEEP_MS).with_cache_scope(CacheScope::Public))
    }

    async fn read_resource(
        &self,
        wanted: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Err(ErrorData::resource_not_found("There are no resources here.", Some(json!({"uri": wanted.uri}))))
    }

    async fn get_prompt(
        &self,
        _wanted: GetPromptRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        Err(ErrorData::invalid_params("There are no prompts here.", None))
    }

    async fn call_tool(
        &self,
        call: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let Some(tool) = tool::find(&call.name) else {
            return Err(ErrorData::invalid_params("There is no such tool.", None));
        };
        let arguments = call.arguments.unwrap_or_default();
        let answered = self.0.answer(tool, arguments, context.meta.get(IDEMPOTENCY_KEY));
        match answered.instrument(self.0.span.clone()).await {
            Ok(result) => Ok(result.into()),
            Err(error) => {
                let sentence = error.sentence();
                self.0.refuse(error);
                Err(ErrorData::internal_error(sentence, None))
            }
        }
    }
}

impl McpRequest {
    /// Makes a call. When its arguments or the state of the list do not allow it, the result says so.
    async fn answer(
        &self,
        tool: &Tool,
        arguments: JsonObject,
        key: Option<&Value>,
    ) -> Result<CallToolResult, ApiError> {
        require(self.caller, needed_scope(self.caller, tool))?;
        let may_change_tasks = self.caller.may(Scope::TasksWrite);
        let call = match key.map(|key| request_key(key, tool, &arguments)).transpose() {
            Ok(key) => {
                let time = personal_time(self.zone, &self.state, self.caller).await?;
                McpCall::plan(tool.name, arguments, time, key, may_change_tasks)
            }
            Err(refusal) => Err(refusal),
        };
        let call = match call {
            Ok(call) => call,
            Err(refusal) => return Ok(result(tool::error_to_json(&refusal))),
        };
        self.lacks_scope.store(call.asks == Some(AskReason::NotAllowed), Ordering::Relaxed);
        Ok(match self.state.ports()?.mcp_calls.carry_out(self.caller, &call).await? {
            IdempotentOutcome::Fresh(done) => result(done),
            IdempotentOutcome::Replayed(done) => {
                let replayed = JsonObject::from_iter([(REPLAYED.to_owned(), json!(true))]);
                result(done).with_meta(Some(MetaObject(replayed)))
            }
            IdempotentOutcome::KeyReused => {
                let error = "Nothing was done: this idempotency key was used for another call.";
                result(tool::error_to_json(&ToolError::new(ToolErrorCode::Conflict, error)))
            }
        })
    }
}

/// The scope without which a call is refused. With a token that may only read, a call that would change
/// something waits for the person instead; a token that may not even read is told which scope it lacks.
fn needed_scope(caller: Caller, tool: &Tool) -> Scope {
    let waits = !caller.may(Scope::TasksWrite) && caller.may(Scope::TasksRead);
    if tool.reads_only || waits { Scope::TasksRead } else { Scope::TasksWrite }
}

/// The key of a call, together with a digest of what is called.
fn request_key(given: &Value, tool: &Tool, arguments: &JsonObject) -> Result<RequestKey, ToolError> {
    let key = IdempotencyKey::parse(given.as_str().unwrap_or_default()).map_err(|broken| {
        // The rule is the header's, under this protocol's name for it.
        let error = broken.message.replace(broken.field, IDEMPOTENCY_KEY);
        ToolError::new(ToolErrorCode::ValidationError, error)
    })?;
    Ok(idempotency_key::with_meaning(key, &json!(["tools/call", tool.name, arguments])))
}

/// A structured result with the same as text content; for a refusal the text is its sentence.
fn result(value: Value) -> CallToolResult {
    if value["success"] == true {
        return CallToolResult::structured(value);
    }
    let mut refused = CallToolResult::structured_error(value);
    // Of several tasks each has a sentence of its own: the twin is the whole then.
    let sentence = refused.structured_content.as_ref().and_then(|value| value["error"].as_str());
    if let Some(sentence) = sentence.map(ContentBlock::text) {
        refused.content = vec![sentence];
    }
    refused
}
