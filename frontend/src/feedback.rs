//! What a step shows while it takes long, and after it failed.

use crate::island::{Mounted, mount};
use crate::navigation::{self, Navigation};
use crate::page;
use app::navigation::AnswerProblem;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::cell::RefCell;
use std::time::Duration;
use wasm_bindgen::JsCast as _;
use web_sys::{Element, HtmlElement};

/// How long a step may take before its button tells that it is in progress.
const PATIENCE: Duration = Duration::from_millis(300);

/// Id of the element whose changes screen readers announce.
const ANNOUNCER: &str = "announcer";

/// A pressed button while its step is in progress. Dropping this gives the button its text back.
pub struct Working {
    timer: Option<TimeoutHandle>,
    pressed: Option<HtmlElement>,
    words: Option<String>,
}

impl Working {
    /// Starts to wait. Only an element with the class `button` changes its text.
    pub fn of(pressed: Option<&HtmlElement>) -> Self {
        let pressed = pressed.filter(|pressed| pressed.class_list().contains("button"));
        let words = pressed.and_then(|pressed| pressed.text_content());
        let shown = pressed.cloned();
        let timer = set_timeout_with_handle(move || say_working(shown.as_ref()), PATIENCE);
        Self {
            timer: timer.ok(),
            pressed: pressed.cloned(),
            words,
        }
    }

    /// Leaves the text of the button as it is, because a document will replace it.
    pub fn keep(mut self) {
        self.pressed = None;
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        announce("");
        if let Some(pressed) = self.pressed.take() {
            let _ = pressed.remove_attribute("aria-busy");
            let _ = pressed.style().remove_property("inline-size");
            pressed.set_text_content(self.words.as_deref());
        }
    }
}

fn say_working(pressed: Option<&HtmlElement>) {
    let words = page::texts().working();
    announce(words);
    if let Some(pressed) = pressed {
        // keeps its width, so that nothing beside it moves
        let width = format!("{}px", pressed.offset_width());
        let _ = pressed.style().set_property("inline-size", &width);
        let _ = pressed.set_attribute("aria-busy", "true");
        pressed.set_text_content(Some(words));
    }
}

/// Makes the element that [`announce`] fills. Screen readers need it before it has a text.
pub fn start() {
    let document = document();
    let (Some(body), Ok(element)) = (document.body(), document.create_element("div")) else {
        return;
    };
    for (name, value) in [
        ("id", ANNOUNCER),
        ("role", "status"),
        ("class", "visually-hidden"),
    ] {
        let _ = element.set_attribute(name, value);
    }
    let _ = body.append_child(&element);
}

/// Lets screen readers announce `words`.
fn announce(words: &str) {
    if let Some(element) = document().get_element_by_id(ANNOUNCER) {
        element.set_text_content(Some(words));
    }
}

struct Trouble {
    place: Element,
    _message: Mounted,
}

thread_local! {
    static TROUBLE: RefCell<Option<Trouble>> = const { RefCell::new(None) };
}

/// Removes the message of the step before. When the focus was inside it moves to `pressed` or to the heading, so that it is
/// never lost.
pub fn clear_trouble(pressed: Option<&HtmlElement>) {
    let Some(trouble) = TROUBLE.take() else {
        return;
    };
    let focused = document().active_element();
    let inside = focused.is_some_and(|element| trouble.place.contains(Some(&element)));
    trouble.place.remove();
    if inside && let Some(target) = pressed.cloned().or_else(page::heading) {
        let _ = target.focus();
    }
}

/// Shows below what was pressed that no answer of ours came, with a button to try again. The page and what was typed stay.
pub fn show_trouble(problem: AnswerProblem, navigation: Navigation) {
    clear_trouble(None);
    let t = page::texts();
    let sentence = match problem {
        AnswerProblem::NoAnswer => t.trouble_no_answer(),
        AnswerProblem::Busy => t.trouble_busy(),
        AnswerProblem::NotOurs => t.trouble_not_ours(),
    };
    let Ok(place) = document().create_element("div") else {
        return;
    };
    let below = navigation
        .pressed
        .as_ref()
        .filter(|pressed| pressed.closest("main").is_ok_and(|main| main.is_some()))
        .and_then(|pressed| {
            // below the whole row of buttons where there is one
            let row = pressed.closest(".actions").ok().flatten();
            row.or_else(|| pressed.closest("p, form").ok().flatten())
        });
    let placed = match (&below, document().get_element_by_id("main")) {
        (Some(below), _) => below.after_with_node_1(&place),
        (None, Some(main)) => main.prepend_with_node_1(&place),
        (None, None) => return,
    };
    if placed.is_err() {
        return;
    }
    let as_document = problem == AnswerProblem::NotOurs;
    let again = move |_| navigation::try_again(navigation.clone(), as_document);
    let message = mount(place.clone().unchecked_into(), move || {
        view! {
            <div
                class="note"
                data-tone="danger"
                role="alert"
                tabindex="-1"
                aria-labelledby="trouble"
            >
                <p id="trouble">{sentence}</p>
                <p><button type="button" class="button" on:click=again>{t.retry()}</button></p>
            </div>
        }
    });
    let note = place.first_element_child();
    if let Some(note) = note.and_then(|note| note.dyn_into::<HtmlElement>().ok()) {
        let _ = note.focus();
    }
    TROUBLE.set(Some(Trouble {
        place,
        _message: message,
    }));
}
