//! Reads source files as tokens: what their code names, without comments and without tests.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One source file, the items under `#[cfg(test)]` taken out.
#[derive(Default)]
pub struct Source {
    pub path: PathBuf,
    /// The module that this file is, by its place: `server::storage::tx`.
    pub module: String,
    /// Absolute paths that its code names, and their lines. A glob import ends in `*`.
    pub names: Vec<(String, usize)>,
    /// String literals and their lines.
    pub literals: Vec<(String, usize)>,
    /// Lines that no test item takes.
    pub lines: usize,
    /// Modules that are declared under `#[cfg(test)]` and have files of their own.
    test_modules: BTreeSet<String>,
}

/// Every file of a crate under `folder` that holds more than tests.
pub fn crate_sources(folder: &Path, name: &str) -> Vec<Source> {
    let mut found = Vec::new();
    read_folder(folder, name, &mut found);
    assert!(!found.is_empty(), "nothing in {}", folder.display());
    let tests: BTreeSet<_> = found
        .iter_mut()
        .flat_map(|file| std::mem::take(&mut file.test_modules))
        .collect();
    found.retain(|file| !tests.iter().any(|test| is_within(&file.module, test)));
    found
}

/// Whether a path is this module or something in it.
pub fn is_within(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn read_folder(folder: &Path, module: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let inner = format!("{module}::{stem}");
        if path.is_dir() {
            read_folder(&path, &inner, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let module = if matches!(stem, "lib" | "main") {
                module
            } else {
                &inner
            };
            let text = std::fs::read_to_string(&path).unwrap();
            let mut file = Source::parse(module, &text);
            file.path = path;
            found.push(file);
        }
    }
}

impl Source {
    pub fn parse(module: &str, text: &str) -> Self {
        let mut source = Self {
            module: module.to_owned(),
            lines: text.lines().count(),
            ..Self::default()
        };
        let tokens: TokenStream = text
            .parse()
            .unwrap_or_else(|error| panic!("{module}: {error}"));
        source.walk(tokens, module);
        source
    }

    fn walk(&mut self, tokens: TokenStream, module: &str) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            at += match rest {
                [hash, TokenTree::Group(attribute), ..]
                    if is(hash, '#') && is_cfg_test(attribute) =>
                {
                    self.skip_test(rest, module)
                }
                [
                    TokenTree::Ident(word),
                    TokenTree::Ident(name),
                    TokenTree::Group(body),
                    ..,
                ] if word == "mod" => {
                    self.walk(body.stream(), &format!("{module}::{name}"));
                    3
                }
                // not the `use<>` of a return type
                [TokenTree::Ident(word), next, ..] if word == "use" && !is(next, '<') => {
                    let end = rest
                        .iter()
                        .position(|token| is(token, ';'))
                        .unwrap_or(rest.len());
                    self.imports(&rest[1..end], "", module);
                    end
                }
                [TokenTree::Ident(_), ..] => self.path(rest, module),
                [TokenTree::Group(group), ..] if is_doc(group) => 1,
                [TokenTree::Group(group), ..] => {
                    self.walk(group.stream(), module);
                    1
                }
                [TokenTree::Literal(literal), ..] => {
                    let text = literal.to_string();
                    if text.contains('"') {
                        self.literals.push((text, line(literal.span())));
                    }
                    1
                }
                _ => 1,
            };
        }
    }

    /// Leaves out the item that follows `#[cfg(test)]`; how many tokens that is.
    fn skip_test(&mut self, tokens: &[TokenTree], module: &str) -> usize {
        let ends = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            other => is(other, ';'),
        };
        let length = tokens
            .iter()
            .position(ends)
            .map_or(tokens.len(), |end| end + 1);
        let item = &tokens[..length];
        for pair in item.windows(3) {
            if let [TokenTree::Ident(word), TokenTree::Ident(name), end] = pair
                && word == "mod"
                && is(end, ';')
            {
                self.test_modules.insert(format!("{module}::{name}"));
            }
        }
        let (first, last) = (item[0].span(), item[length - 1].span());
        self.lines -= last.end().line - first.start().line + 1;
        length
    }

    /// A path in an expression, a type or a macro, when it has more than one segment.
    fn path(&mut self, tokens: &[TokenTree], module: &str) -> usize {
        let mut segments = vec![tokens[0].to_string()];
        let mut length = 1;
        while let [first, second, TokenTree::Ident(name), ..] = &tokens[length..]
            && is(first, ':')
            && is(second, ':')
        {
            segments.push(name.to_string());
            length += 3;
        }
        if segments.len() > 1 {
            self.name(&segments.join("::"), module, tokens[0].span());
        }
        length
    }

    /// The tree of a `use`, one name for each of its leaves.
    fn imports(&mut self, tree: &[TokenTree], before: &str, module: &str) {
        for branch in tree.split(|token| is(token, ',')) {
            let mut path = before.to_owned();
            for token in branch {
                match token {
                    TokenTree::Ident(word) if word == "as" => break,
                    // the module itself, whose path is there already
                    TokenTree::Ident(word) if word == "self" && !path.is_empty() => {}
                    TokenTree::Group(group) => {
                        let inner: Vec<_> = group.stream().into_iter().collect();
                        self.imports(&inner, &path, module);
                    }
                    TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                    word if path.is_empty() => path = word.to_string(),
                    word => path = format!("{path}::{word}"),
                }
            }
            let is_leaf = !matches!(branch.last(), Some(TokenTree::Group(_)));
            if let Some(first) = branch.first()
                && is_leaf
            {
                self.name(&path, module, first.span());
            }
        }
    }

    /// Keeps a path with `crate`, `self` and `super` resolved.
    fn name(&mut self, path: &str, module: &str, span: Span) {
        let root = module.split("::").next().unwrap_or_default();
        let mut segments = path.split("::").peekable();
        let mut base: Vec<&str> = Vec::new();
        match segments.peek() {
            Some(&"crate") => base.push(root),
            Some(&"self" | &"super") => base.extend(module.split("::")),
            _ => {}
        }
        for segment in segments {
            match segment {
                "crate" | "self" => {}
                "super" => drop(base.pop()),
                name => base.push(name),
            }
        }
        self.names.push((base.join("::"), line(span)));
    }
}

fn line(span: Span) -> usize {
    span.start().line
}

fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_cfg_test(attribute: &proc_macro2::Group) -> bool {
    let text = attribute.stream().to_string();
    text.split_whitespace().collect::<String>() == "cfg(test)"
}

/// A doc comment, once it is a token: `[doc = "…"]`.
fn is_doc(attribute: &proc_macro2::Group) -> bool {
    attribute.delimiter() == Delimiter::Bracket
        && attribute
            .stream()
            .into_iter()
            .take(2)
            .map(|token| token.to_string())
            .eq(["doc", "="])
}
