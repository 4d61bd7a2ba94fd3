//! The learner's answers. They live in the lesson's own file, each in its block of code, and nowhere else: an editor and
//! the page show the same. A change of one block leaves every other byte of the file as it is.

use std::{ops::Range, path::Path};

use anyhow::Context;
use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::lesson_text::{
    file::{read, replace},
    short_name::{Names, short_name},
};

/// A block that waits for an answer, or has one.
#[derive(Debug, PartialEq)]
pub struct Answer {
    /// By its question: it stays the same wherever the block moves.
    pub id: String,
    /// The paragraph before it, in Markdown.
    pub question: String,
    /// Its label: `Your answer`.
    pub label: String,
    /// What the learner wrote.
    pub text: String,
    /// Of what the block holds; another content, another version.
    pub version: String,
    /// The whole block with its fences, in bytes.
    pub place: Range<usize>,
}

/// The blocks for answers in `lesson`, in their order.
pub fn find(lesson: &str) -> Vec<Answer> {
    let (mut answers, mut names) = (Vec::new(), Names::default());
    let mut question = String::new();
    let mut events = Parser::new(lesson).into_offset_iter();
    while let Some((event, place)) = events.next() {
        match event {
            Event::Start(Tag::Paragraph) => lesson[place].clone_into(&mut question),
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) if &*language == "text" => {
                let mut content = String::new();
                for (event, _) in events.by_ref() {
                    match event {
                        Event::Text(text) => content.push_str(&text),
                        Event::End(TagEnd::CodeBlock) => break,
                        _ => {}
                    }
                }
                let (label, text) = parts(&content);
                let id = names.of(&question);
                let (question, version) = (question.clone(), short_name(&content));
                answers.push(Answer { id, question, label, text, version, place });
            }
            _ => {}
        }
    }
    answers
}

/// The label of a block, where it has one, and what is below it. A block with several labels is a form: all of it is text.
fn parts(content: &str) -> (String, String) {
    let (first, below) = content.split_once('\n').unwrap_or((content, ""));
    let is_form = below.lines().any(|line| line.ends_with(':'));
    let (label, text) = match first.split_once(':') {
        Some((label, beside)) if label.starts_with("Your ") || beside.trim().is_empty() && !is_form => {
            (label, format!("{}\n{below}", beside.trim()))
        }
        _ => ("", content.to_owned()),
    };
    (label.to_owned(), text.trim_matches('\n').trim_end().to_owned())
}

/// Why an answer is not saved.
#[derive(Debug)]
pub enum NotSaved {
    /// The block differs from what the learner saw: its version, and its text.
    Changed(String, String),
    /// Something else.
    Failed(anyhow::Error),
}

impl From<anyhow::Error> for NotSaved {
    fn from(error: anyhow::Error) -> Self {
        Self::Failed(error)
    }
}

/// Writes `text` into the block `id` of the file at `path`, if that still holds version `was`; returns the new version.
///
/// # Errors
/// When it does not, when there is no such block, or when the file cannot be written. The file is then unchanged.
pub fn save(path: &Path, id: &str, was: &str, text: &str) -> Result<String, NotSaved> {
    let lesson = read(path)?;
    let find = |lesson: &str| find(lesson).into_iter().find(|answer| answer.id == id);
    let answer = find(&lesson).context("the question is not in the lesson any more; reload the page")?;
    if answer.version != was {
        return Err(NotSaved::Changed(answer.version, answer.text));
    }
    let changed = with(&lesson, &answer, text);
    replace(path, &lesson, &changed)?;
    Ok(find(&changed).context("cannot find the question in the lesson; this is a bug in the lab")?.version)
}

/// `lesson` with `text` in the block of `answer`, which is one of it.
pub fn with(lesson: &str, answer: &Answer, text: &str) -> String {
    // In Markdown a carriage return alone ends a line, too.
    let line = lesson[..answer.place.start].rfind(['\n', '\r']).map_or(0, |end| end + 1);
    // In a list or a quotation each line of the block begins as the list or the quotation does.
    let outer = lesson[line..answer.place.start].chars();
    let outer: String = outer.map(|c| if c == '>' || c.is_whitespace() { c } else { ' ' }).collect();
    let block = block(&answer.label, text, &lesson[answer.place.clone()], &outer);
    let mut changed = lesson.to_owned();
    changed.replace_range(answer.place.clone(), &block);
    changed
}

/// The block, with fences that no line of `text` can end, and in the file's own kind of lines, which begin with `outer`.
fn block(label: &str, text: &str, before: &str, outer: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let text: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
    let text = text.trim_end();
    let longest =
        text.lines().map(|line| line.trim_start().bytes().take_while(|byte| *byte == b'`').count()).max();
    let fence = "`".repeat(longest.unwrap_or_default().max(2) + 1);
    let head = if label.is_empty() { String::new() } else { format!("{label}:\n") };
    let foot = if text.is_empty() { "\n\n" } else { "\n" };
    // A block ends where its last fence does; some parsers count the line break to it.
    let end = if before.ends_with('\n') { "\n" } else { "" };
    let block = format!("{fence}text\n{head}{text}{foot}{fence}").replace('\n', &format!("\n{outer}")) + end;
    if before.contains("\r\n") { block.replace('\n', "\r\n") } else { block }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LESSON: &str = "# Title\n\n**Q1: What?**\n\n```text\nYour answer:\n\n\n```\n\n**Q2: Three.**\n\n```text\n1.\n\n2.\n```\n\n```bash\nmake loadtest\n```\n";

    fn file() -> (tempfile::TempDir, std::path::PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("SCENARIO.md");
        fs::write(&path, LESSON).unwrap();
        (dir, path)
    }

    #[test]
    fn only_the_block_changes() {
        let (_dir, path) = file();
        let [first, second] = <[Answer; 2]>::try_from(find(LESSON)).unwrap();
        assert_eq!(
            (&*first.label, &*first.text, &*second.label, &*second.text),
            ("Your answer", "", "", "1.\n\n2.")
        );
        let version = save(&path, &first.id, &first.version, "Because.\r\n\r\nReally.  \n").unwrap();
        let expected = LESSON.replace("Your answer:\n\n\n", "Your answer:\nBecause.\n\nReally.\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        // And back again, to the byte.
        save(&path, &first.id, &version, "").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), LESSON);
    }

    #[test]
    fn a_carriage_return_alone_ends_a_line() {
        let lesson = format!("{}\t\r\r```text\nYour answer:\n\n\n```\n\nThe end.\n", "\r".repeat(30));
        let changed = with(&lesson, &find(&lesson)[0], "x");
        assert_eq!(changed, lesson.replace("\n\n\n```", "\nx\n```"));
    }

    #[test]
    fn a_form_is_one_text_whether_it_is_filled_in_or_not() {
        let empty = parts("Successes per second:\n\nMean latency:\n\n");
        assert_eq!(empty, (String::new(), "Successes per second:\n\nMean latency:".to_owned()));
        assert_eq!(parts("Successes per second: 270\n\nMean latency:\n").0, "");
        // A colon in an answer makes no form of it.
        assert_eq!(
            parts("Your answer:\nIn short:\nno\n"),
            ("Your answer".to_owned(), "In short:\nno".to_owned())
        );
    }

    #[test]
    fn whatever_an_answer_holds_it_stays_in_its_block() {
        for text in [
            "```",
            "```\n```bash\nrm -rf /\n```",
            "````\nx\n````",
            "  ```",
            "~~~",
            "<script>alert(1)</script>",
            "</textarea>",
            "\0",
            "# Title\n\n- [ ] x",
            "| a |\n|---|",
            "`",
            "Your answer: x",
            "ends in spaces   ",
            "\u{202e}rtl",
            "é\r\rü",
        ] {
            let (_dir, path) = file();
            let before = find(LESSON);
            save(&path, &before[0].id, &before[0].version, text).unwrap();
            let after = fs::read_to_string(&path).unwrap();
            let answers = find(&after);
            assert_eq!(answers.len(), 2, "{text:?}: {after}");
            let kept = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
            assert_eq!(answers[0].text, kept.trim_end(), "{after}");
            assert_eq!(answers[1], Answer { place: answers[1].place.clone(), ..find(LESSON).remove(1) });
            let blocks = |text| {
                Parser::new(text).filter(|event| matches!(event, Event::Start(Tag::CodeBlock(_)))).count()
            };
            assert_eq!(blocks(&after), 3, "{after}");
        }
    }

    #[test]
    fn what_an_editor_wrote_meanwhile_is_never_lost() {
        let (_dir, path) = file();
        let answer = find(LESSON).remove(0);
        let edited = LESSON.replace("Your answer:\n", "Your answer:\nfrom the editor");
        fs::write(&path, &edited).unwrap();
        let Err(NotSaved::Changed(version, text)) = save(&path, &answer.id, &answer.version, "from the page")
        else {
            panic!("it was overwritten");
        };
        assert_eq!((text.as_str(), fs::read_to_string(&path).unwrap()), ("from the editor", edited));
        // A learner who has seen the other text may replace it.
        save(&path, &answer.id, &version, "from both").unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("from both"));
        // An edit elsewhere is no conflict.
        fs::write(&path, format!("new line\n\n{LESSON}")).unwrap();
        save(&path, &answer.id, &answer.version, "still").unwrap();
        assert!(fs::read_to_string(&path).unwrap().starts_with("new line\n\n# Title"));
    }
}
