//! The history of a document: each page shown in it has an entry, numbered in its state, so that
//! it can be told how far Back or Forward went. Nothing of a page is kept for Back: it is asked for
//! again.

use crate::page;
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use wasm_bindgen::JsValue;
use web_sys::ScrollRestoration;

/// A move by Back or Forward.
#[derive(Clone, Copy)]
pub struct Travel {
    from: i32,
    to: i32,
}

thread_local! {
    /// Number of the entry shown.
    static ENTRY: Cell<i32> = const { Cell::new(0) };
    /// How far each entry was scrolled when it was left.
    static SCROLLED: RefCell<Vec<(i32, f64)>> = const { RefCell::new(Vec::new()) };
    /// The entry that a move is taken back to, so that this is no move of its own.
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

/// Numbers the entry of the document.
pub fn start() {
    let Some(history) = history() else { return };
    let known = history.state().ok().and_then(|state| number(&state));
    ENTRY.set(known.unwrap_or_default());
    replace(None);
    resume();
}

/// Scrolling is ours, because a page comes after its entry.
pub fn resume() {
    if let Some(history) = history() {
        let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
    }
}

/// The document is left: a reload, or Back into it, scrolls as the browser does.
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

/// Notes how far the page that is about to be left is scrolled.
pub fn remember_scroll() {
    let scrolled = window().scroll_y().unwrap_or_default();
    let entry = ENTRY.get();
    SCROLLED.with_borrow_mut(|all| {
        all.retain(|(at, _)| *at != entry);
        all.push((entry, scrolled));
    });
}

/// Numbers an entry that was made by a link inside the page: it stands one further.
pub fn number_place() {
    let numbered = history().is_some_and(|history| {
        let state = history.state().ok();
        state.is_some_and(|state| number(&state).is_some())
    });
    if !numbered {
        ENTRY.set(ENTRY.get() + 1);
        replace(None);
    }
}

/// After `popstate`: the move, if it leads to another page. Moves between places of one page are
/// the browser's, and so is the way back of a move that was taken back.
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

/// The page that is shown, asked for again in its entry.
pub fn again() -> Travel {
    remember_scroll();
    let entry = ENTRY.get();
    Travel {
        from: entry,
        to: entry,
    }
}

/// Takes a move back that found no page, or that something else took the place of.
pub fn undo(travel: Travel) {
    if let Some(history) = history().filter(|_| travel.from != travel.to) {
        UNDOING.set(Some(travel.from));
        let _ = history.go_with_delta(travel.from - travel.to);
    }
}

/// Makes a move that was taken back once more; `popstate` follows. Returns whether there is one.
pub fn travel_again(travel: Travel) -> bool {
    let delta = travel.to - travel.from;
    delta != 0 && history().is_some_and(|history| history.go_with_delta(delta).is_ok())
}

/// The page of a move is shown: returns how far it was scrolled. It may have led elsewhere.
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

/// Another page is shown: a new entry, unless it is the same page again.
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
