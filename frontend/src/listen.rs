//! The events that this crate handles: links, forms, Back and Forward, and a document that the browser kept.

use crate::history::Travel;
use crate::navigation::{self, Cause, Navigation, Step};
use crate::{draft, form, history, page};
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{
    AbortSignal, AddEventListenerOptions, Element, Event, EventTarget, HtmlAnchorElement,
    MouseEvent, PageTransitionEvent, PopStateEvent, SubmitEvent,
};

/// Listens until `life` is aborted.
pub fn start(life: &AbortSignal) {
    let document = document();
    listen(&document, "click", life, on_click);
    listen(&document, "submit", life, on_submit);
    listen(&document, "input", life, draft::on_input);
    listen(&document, "visibilitychange", life, |_: &Event| {
        draft::back_from_app();
    });
    let window = window();
    listen(&window, "popstate", life, on_popstate);
    listen(&window, "hashchange", life, |_: &Event| {
        history::number_place();
    });
    listen(&window, "pagehide", life, on_pagehide);
    listen(&window, "pageshow", life, on_pageshow);
}

fn listen<E: wasm_bindgen::JsCast + 'static>(
    target: &EventTarget,
    kind: &str,
    life: &AbortSignal,
    handle: fn(&E),
) {
    let options = AddEventListenerOptions::new();
    options.set_signal(life);
    let handler = Closure::<dyn Fn(Event)>::new(move |event: Event| {
        handle(event.unchecked_ref());
    });
    // without the listener the browser handles the event itself
    let _ = target.add_event_listener_with_callback_and_add_event_listener_options(
        kind,
        handler.as_ref().unchecked_ref(),
        &options,
    );
    handler.forget();
}

fn on_click(event: &MouseEvent) {
    let plain = event.button() == 0
        && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key());
    if event.default_prevented() || !plain {
        return;
    }
    let Some(link) = event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .and_then(|element| element.closest("a[href]").ok().flatten())
        .and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok())
    else {
        return;
    };
    if link.protocol() == "otpauth:" {
        draft::note_app_opened();
    }
    let Some(address) = address_of(&link) else {
        return;
    };
    event.prevent_default();
    navigation::begin(Navigation {
        step: Step::Page { address },
        pressed: Some(link.unchecked_into()),
        cause: Cause::Press,
    });
}

/// Path and query of a link that leads to a page of this web origin; `None` for every other link, which the browser follows.
fn address_of(link: &HtmlAnchorElement) -> Option<String> {
    let location = window().location();
    let elsewhere = link.has_attribute("target") || link.has_attribute("download");
    let inside = link
        .get_attribute("href")
        .is_some_and(|href| href.starts_with('#'));
    if elsewhere || inside || link.origin() != location.origin().ok()? {
        return None;
    }
    Some(format!("{}{}", link.pathname(), link.search()))
}

fn on_submit(event: &SubmitEvent) {
    if event.default_prevented() {
        return;
    }
    let Some(step) = form::step_of(event) else {
        return;
    };
    event.prevent_default();
    navigation::begin(Navigation {
        step,
        pressed: form::button_of(event),
        cause: Cause::Press,
    });
}

fn on_popstate(event: &PopStateEvent) {
    if let Some(travel) = history::travelled(&event.state()) {
        load_again(travel);
    } else {
        // back on the page that is shown: a move in progress has lost its goal
        navigation::cancel_travel();
    }
}

/// Loads the page in the address bar.
fn load_again(travel: Travel) {
    let cause = Cause::Travel(travel);
    navigation::begin(Navigation::to_page(history::address(), cause));
}

/// The document is left. The browser may keep it for Back as it is.
fn on_pagehide(event: &PageTransitionEvent) {
    history::pause();
    if event.persisted() {
        page::hide_secret();
    }
}

/// A kept document is shown again. Its page is loaded again, because it may be out of date.
fn on_pageshow(event: &PageTransitionEvent) {
    if event.persisted() {
        history::resume();
        load_again(history::again());
    }
}
