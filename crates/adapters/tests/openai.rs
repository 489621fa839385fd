//! The client for OpenAI-compatible APIs against real sockets: the devkit's stand-in, which checks
//! every request as the strictest provider would, and servers ruder than that.

#[cfg(test)]
mod openai {
    mod test_client;
    mod tool_calling_modes;

    mod deadlines;
    mod errors;
    mod key_redaction;
    mod replies;
    mod requests;
    mod retries;
}
