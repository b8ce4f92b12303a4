//! Puts a page into the running document. Only `<main>` changes; bar and footer stay.

use crate::dom::{field, find};
use crate::island::{Mounted, mount, mount_all};
use crate::navigation::Cause;
use crate::{draft, feedback, history};
use app::model::Language;
use app::navigation::{PageContent, RunningDocument, ShownPage, Surroundings};
use app::pages::draw_client_page;
use app::text::Texts;
use app::view::ClientPage;
use leptos::prelude::{document, window};
use std::cell::RefCell;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, FocusOptions, HtmlElement, HtmlInputElement};

/// The page that is shown.
#[derive(Default)]
struct Shown {
    address: String,
    language: Language,
    release: String,
    secret: bool,
    mounted: Vec<Mounted>,
}

thread_local! {
    static SHOWN: RefCell<Shown> = RefCell::default();
}

/// Takes over the page that the server drew.
pub fn start() {
    let document = document();
    let boot = document.get_element_by_id("boot");
    let release = boot.and_then(|boot| boot.get_attribute("data-release"));
    let root = document.document_element();
    let lang = root.as_ref().and_then(|root| root.get_attribute("lang"));
    feedback::start();
    let main = main();
    SHOWN.with_borrow_mut(|shown| {
        shown.address = history::address();
        shown.language = Language::of_tag(&lang.unwrap_or_default());
        shown.release = release.unwrap_or_default();
        shown.secret = shown.address.split('?').next() == Some(app::routes::ENROL);
        shown.mounted = main.as_ref().map(mount_all).unwrap_or_default();
    });
    if let Some(root) = root {
        let _ = root.set_attribute("data-awake", "");
    }
}

/// What this document tells about itself with each request.
pub fn running_document() -> RunningDocument {
    SHOWN.with_borrow(|shown| RunningDocument {
        language: shown.language,
        release: shown.release.clone(),
    })
}

/// The texts in the language of the page.
pub fn texts() -> Texts {
    SHOWN.with_borrow(|shown| shown.language).texts()
}

/// Path and query of the page that is shown.
pub fn address() -> String {
    SHOWN.with_borrow(|shown| shown.address.clone())
}

/// Removes a page with a secret from the document, because the browser is about to keep the document (R6).
pub fn hide_secret() {
    if SHOWN.with_borrow(|shown| shown.secret) {
        drop(SHOWN.with_borrow_mut(|shown| std::mem::take(&mut shown.mounted)));
        if let Some(main) = main() {
            main.set_inner_html("");
        }
    }
}

fn main() -> Option<Element> {
    document().get_element_by_id("main")
}

/// Shows a page. The old one ends first, with everything in it that waits. With `keep_typed` it is the same page in another
/// language and the values of its fields stay; otherwise the fields are as the server gives them, without passwords and
/// codes.
pub fn show(page: ShownPage, cause: Cause, keep_typed: bool) {
    let ShownPage {
        address,
        page_context,
        surroundings,
        content,
    } = page;
    let document = document();
    let (Some(old), Ok(new)) = (main(), document.create_element("main")) else {
        return;
    };
    feedback::clear_trouble(None);
    if !matches!(cause, Cause::Travel(_)) {
        history::remember_scroll();
    }
    let language = page_context.locale.language;
    let typed = keep_typed.then(|| typed_values(&old));
    // outside the borrow, because an island that ends may read the page
    drop(SHOWN.with_borrow_mut(|shown| std::mem::take(&mut shown.mounted)));
    for (name, value) in [("id", "main"), ("class", "page moved")] {
        let _ = new.set_attribute(name, value);
    }
    let secret = matches!(content, PageContent::Data(ClientPage::Enrol(_)));
    let mounted = match content {
        PageContent::Html { title, main } => {
            document.set_title(&title);
            // scripts in inserted HTML do not run, and the policy allows none
            new.set_inner_html(&main);
            mount_all(&new)
        }
        PageContent::Data(page) => vec![mount(new.clone().unchecked_into(), move || {
            let drawn = draw_client_page(&page_context, page);
            leptos::prelude::document().set_title(&drawn.title);
            drawn.main
        })],
    };
    let focused = focus_target(&new);
    let _ = old.replace_with_with_node_1(&new);
    if let Some(surroundings) = surroundings {
        replace_surroundings(&new, &surroundings);
    } else if let Some(footer) = find("body > footer") {
        // inserted again at its place, so that the browser does not count it as shifted
        let _ = new.after_with_node_1(&footer);
    }
    if let Some(root) = document.document_element() {
        let _ = root.set_attribute("lang", language.tag());
    }
    let scroll = match (&address, cause) {
        (Some(address), Cause::Travel(travel)) => history::arrive(travel, address),
        (Some(address), Cause::Press | Cause::Program) => {
            history::enter(address);
            0.0
        }
        (None, _) => 0.0,
    };
    SHOWN.with_borrow_mut(|shown| {
        if let Some(address) = address {
            shown.address = address;
        }
        shown.language = language;
        shown.secret = secret;
        shown.mounted = mounted;
    });
    lead_language_back();
    draft::restore();
    for (id, value) in typed.unwrap_or_default() {
        if let Some(input) = field(&id) {
            input.set_value(&value);
        }
    }
    if let Some(target) = focused {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = target.focus_with_options(&options);
    }
    window().scroll_to_with_x_and_y(0.0, scroll);
}

fn replace_surroundings(main: &Element, surroundings: &Surroundings) {
    while let Some(before) = main.previous_element_sibling() {
        before.remove();
    }
    if let Some(footer) = find("body > footer") {
        footer.remove();
    }
    let _ = main.insert_adjacent_html("beforebegin", &surroundings.header);
    let _ = main.insert_adjacent_html("afterend", &surroundings.footer);
}

/// Sets the path to which the language button leads back.
fn lead_language_back() {
    let address = address();
    let path = address.split('?').next().unwrap_or_default();
    let back = find("body > footer input[name=back]");
    if let Some(back) = back.and_then(|back| back.dyn_into::<HtmlInputElement>().ok()) {
        back.set_value(path);
    }
}

/// The values of the fields of a page that changes only its language.
fn typed_values(main: &Element) -> Vec<(String, String)> {
    let Ok(found) = main.query_selector_all("input[id]") else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|at| found.get(at)?.dyn_into::<HtmlInputElement>().ok())
        .filter(|input| !input.value().is_empty())
        .map(|input| (input.id(), input.value()))
        .collect()
}

/// The main heading of the page that is shown, made focusable.
pub fn heading() -> Option<HtmlElement> {
    heading_in(&main()?)
}

fn heading_in(main: &Element) -> Option<HtmlElement> {
    let heading = main.query_selector("h1").ok().flatten()?;
    heading.set_attribute("tabindex", "-1").ok()?;
    heading.dyn_into().ok()
}

/// The element that gets the focus: what a document would focus (error summary or result of a form), else the main heading,
/// which a screen reader then announces once. Called before the page is inserted, so that the browser does not apply
/// `autofocus` itself.
fn focus_target(main: &Element) -> Option<HtmlElement> {
    let Some(marked) = main.query_selector("[autofocus]").ok().flatten() else {
        return heading_in(main);
    };
    marked.remove_attribute("autofocus").ok()?;
    marked.dyn_into().ok()
}
