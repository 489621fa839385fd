//! Recognises the names of our tools in the spellings that models write.

use domain::tool::TOOLS;

/// Returns the tool that is meant: names come with a prefix (`functions.add_task`), a number behind
/// them or a mark of a chat template. None when it is none of ours or could be several.
pub(in crate::openai::assemble) fn find_tool(written: &str) -> Option<&'static str> {
    let mut names = words(written)
        .filter_map(|word| TOOLS.iter().map(|tool| tool.name).find(|name| name.eq_ignore_ascii_case(word)));
    let name = names.next()?;
    names.all(|other| other == name).then_some(name)
}

/// Whether `piece` may be a part of the tool's name that `written` begins.
pub(super) fn continues_tool_name(written: &str, piece: &str) -> bool {
    let outcome = words(written).last().unwrap_or_default();
    let rest = |name: &'static str| name.strip_prefix(outcome);
    TOOLS.iter().filter_map(|tool| rest(tool.name)).any(|rest| rest.starts_with(piece))
}

fn words(written: &str) -> impl Iterator<Item = &str> {
    written.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_whatever_is_around_it() {
        for written in [
            "add_task",
            "functions.add_task",
            "functions.add_task:0",
            " Add_Task ",
            "todo::add_task()",
            "add_task<|channel|>json",
        ] {
            assert_eq!(find_tool(written), Some("add_task"), "{written}");
        }
        for written in ["", "add", "add_tasks", "my_add_task", "add_task.list_tasks", "constructor"] {
            assert_eq!(find_tool(written), None, "{written}");
        }
    }
}
