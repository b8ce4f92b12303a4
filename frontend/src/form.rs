//! The content of a form in the form in which the browser would send it.

use crate::navigation::Step;
use wasm_bindgen::JsCast as _;
use web_sys::{FormData, HtmlElement, HtmlFormElement, SubmitEvent, UrlSearchParams};

/// The button that was pressed.
pub fn button_of(event: &SubmitEvent) -> Option<HtmlElement> {
    event.submitter()?.dyn_into().ok()
}

/// The step of a form that posts to a server function; `None` for every other form, which the browser sends. The action, name
/// and value of the pressed button are included, because `FormData` with a submitter is younger than the oldest supported
/// browsers.
pub fn step_of(event: &SubmitEvent) -> Option<Step> {
    let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
    let button = button_of(event);
    let of_button = |name: &str| button.as_ref()?.get_attribute(name);
    // attributes and not properties, because a field may be called `action`
    let action = of_button("formaction").or_else(|| form.get_attribute("action"))?;
    let post = form
        .get_attribute("method")
        .is_some_and(|method| method.eq_ignore_ascii_case("post"));
    if !post || !action.starts_with("/api/") {
        return None;
    }
    let data = FormData::new_with_form(&form).ok()?;
    if let Some(name) = of_button("name") {
        let value = of_button("value").unwrap_or_default();
        data.append_with_str(&name, &value).ok()?;
    }
    let body = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    Some(Step::Form {
        action,
        body: String::from(body.to_string()),
    })
}
