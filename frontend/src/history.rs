//! The history of a document. Each page that is shown has an entry with a number in its state, which tells how far Back or
//! Forward went. No page is kept for Back: it is loaded again.

use crate::page;
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;
use web_sys::ScrollRestoration;

/// A move by Back or Forward, from one entry to another.
#[derive(Clone, Copy)]
pub struct Travel {
    from: i32,
    to: i32,
}

thread_local! {
    /// Number of the entry that is shown.
    static ENTRY: Cell<i32> = const { Cell::new(0) };
    /// Scroll position of each entry when it was left, in CSS pixels.
    static SCROLLED: RefCell<Vec<(i32, f64)>> = const { RefCell::new(Vec::new()) };
    /// The entry to which a move is being undone, so that this does not count as another move.
    static UNDOING: Cell<Option<i32>> = const { Cell::new(None) };
}

fn history() -> Option<web_sys::History> {
    window().history().ok()
}

/// Path and query in the address bar.
pub fn address() -> String {
    let location = window().location();
    let part = |part: Result<String, JsValue>| part.unwrap_or_default();
    format!("{}{}", part(location.pathname()), part(location.search()))
}

/// Numbers the entry of the document, when the wasm starts.
pub fn start() {
    let Some(history) = history() else { return };
    let known = history.state().ok().and_then(|state| number(&state));
    ENTRY.set(known.unwrap_or_default());
    replace(None);
    resume();
}

/// Turns the browser's own scrolling off, because a page is shown later than its entry.
pub fn resume() {
    if let Some(history) = history() {
        let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
    }
}

/// Turns the browser's own scrolling on when the document is left, for a reload and for Back into it.
pub fn pause() {
    if let Some(history) = history() {
        let _ = history.set_scroll_restoration(ScrollRestoration::Auto);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "numbers of entries are small and whole"
)]
fn number(state: &JsValue) -> Option<i32> {
    state.as_f64().map(|number| number as i32)
}

fn replace(address: Option<&str>) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&ENTRY.get().into(), "", address);
    }
}

/// Stores the scroll position of the page that is about to be left.
pub fn remember_scroll() {
    let scrolled = window().scroll_y().unwrap_or_default();
    let entry = ENTRY.get();
    SCROLLED.with_borrow_mut(|all| {
        all.retain(|(at, _)| *at != entry);
        all.push((entry, scrolled));
    });
}

/// Numbers an entry that a link inside the page has made; it comes after the present one.
pub fn number_place() {
    let state = history().and_then(|history| history.state().ok());
    if state.and_then(|state| number(&state)).is_none() {
        ENTRY.set(ENTRY.get() + 1);
        replace(None);
    }
}

/// The move behind a `popstate` event if it leads to another page. `None` for a move inside one page, which the browser
/// makes, and for a move that is being undone.
pub fn travelled(state: &JsValue) -> Option<Travel> {
    let from = ENTRY.get();
    let to = number(state);
    let undone = UNDOING.take().is_some_and(|target| Some(target) == to);
    if undone || address() == page::address() {
        match to {
            Some(to) => ENTRY.set(to),
            None => number_place(),
        }
        return None;
    }
    remember_scroll();
    let to = to.unwrap_or(from + 1);
    Some(Travel { from, to })
}

/// A move to the page that is shown, to load it again in its entry.
pub fn again() -> Travel {
    remember_scroll();
    let entry = ENTRY.get();
    Travel {
        from: entry,
        to: entry,
    }
}

/// Undoes a move whose page could not be loaded, or that another step replaced.
pub fn undo(travel: Travel) {
    if let Some(history) = history().filter(|_| travel.from != travel.to) {
        UNDOING.set(Some(travel.from));
        let _ = history.go_with_delta(travel.from - travel.to);
    }
}

/// Makes a move again that was undone; `popstate` follows. False when there is nothing to repeat.
pub fn travel_again(travel: Travel) -> bool {
    let delta = travel.to - travel.from;
    delta != 0 && history().is_some_and(|history| history.go_with_delta(delta).is_ok())
}

/// Called when the page of a move is shown. It may have another address than its entry, which is corrected. Returns the
/// scroll position.
pub fn arrive(travel: Travel, address: &str) -> f64 {
    ENTRY.set(travel.to);
    if self::address() != address {
        replace(Some(address));
    }
    SCROLLED.with_borrow(|all| {
        let found = all.iter().find(|(at, _)| *at == travel.to);
        found.map_or(0.0, |(_, scrolled)| *scrolled)
    })
}

/// Called when another page is shown: makes a new entry, unless it is the same address again.
pub fn enter(address: &str) {
    if self::address() == address {
        return replace(Some(address));
    }
    let entry = ENTRY.get() + 1;
    ENTRY.set(entry);
    SCROLLED.with_borrow_mut(|all| all.retain(|(at, _)| *at < entry));
    if let Some(history) = history() {
        let _ = history.push_state_with_url(&entry.into(), "", Some(address));
    }
}
