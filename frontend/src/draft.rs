//! What must survive while the authenticator app or the mailbox is in front. A phone with little memory discards the tab
//! meanwhile and loads its page again when the person comes back.
//!
//! The email that is being typed is kept in the tab's session storage for the page on which it is typed, and removed when
//! another page is shown. Codes and passwords are never kept (decision 17).

use crate::dom::{field, find};
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlInputElement, Storage};

/// Key of the email that is being typed. The value has four lines: path of the page, owner, the value that the server gave
/// the field, and what was typed.
const ADDRESS: &str = "eproc-address";
/// Key of the path of the page from which the authenticator app was opened.
const APP_OPENED: &str = "eproc-app-opened";

/// `None` where the browser keeps nothing for this tab.
fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

fn path() -> String {
    let address = crate::page::address();
    address.split('?').next().unwrap_or_default().to_owned()
}

/// The owner of the page: the account in the link that opens the app, without its secret. It is empty on a page without that
/// link; there the server's value of the field tells people apart.
fn owner() -> String {
    let link = find("main a[href^='otpauth:']");
    let href = link.and_then(|link| link.get_attribute("href"));
    let href = href.unwrap_or_default();
    href.split('?').next().unwrap_or_default().to_owned()
}

/// Handles typing: keeps an email, and forgets that the app was opened, because a person who types must not be moved to the
/// code.
pub fn on_input(event: &Event) {
    let Some(storage) = storage() else { return };
    let _ = storage.remove_item(APP_OPENED);
    let input = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        .filter(|input| input.id() == "email");
    if let Some(input) = input {
        let lines = [path(), owner(), input.default_value(), input.value()];
        // when the storage is full nothing is kept; the field itself still has it
        let _ = storage.set_item(ADDRESS, &lines.join("\n"));
    }
}

/// Called when a page is shown: puts back what was kept for this page, and removes what was kept for another. What the server
/// gave since and what is typed already are newer and stay.
pub fn restore() {
    let Some(storage) = storage() else { return };
    let kept = storage.get_item(ADDRESS).ok().flatten().unwrap_or_default();
    let lines: Vec<&str> = kept.splitn(4, '\n').collect();
    if let [page, account, given, typed] = lines[..] {
        let input = field("email")
            .filter(|input| page == path() && account == owner() && given == input.default_value());
        match input {
            Some(input) if input.value() == given => input.set_value(typed),
            Some(_) => {}
            None => drop(storage.remove_item(ADDRESS)),
        }
    }
    let opened = storage.get_item(APP_OPENED).ok().flatten();
    if opened.is_some_and(|page| page != path()) {
        let _ = storage.remove_item(APP_OPENED);
    }
}

/// Called just before the link opens the authenticator app.
pub fn note_app_opened() {
    if let Some(storage) = storage() {
        let _ = storage.set_item(APP_OPENED, &path());
    }
}

/// Called when the page is in front again or was loaded again. After the app the code comes next, so its field gets the
/// focus, unless the person is in a field already.
pub fn back_from_app() {
    if document().hidden() {
        return;
    }
    let Some(storage) = storage() else { return };
    let opened = storage.get_item(APP_OPENED).ok().flatten();
    if opened.is_some_and(|page| page == path()) {
        let _ = storage.remove_item(APP_OPENED);
        let in_field = document()
            .active_element()
            .is_some_and(|element| element.has_type::<HtmlInputElement>());
        if let Some(code) = field("code").filter(|_| !in_field) {
            let _ = code.focus();
        }
    }
}
